import type { ErrorJson } from '../view/wire.ts';

/** Our API stands below the page, as this script does. */
const BASE = new URL('v1/', import.meta.url);
const TOKEN = document.querySelector<HTMLMetaElement>('meta[name="tslb-csrf"]')?.content;

/** Whether the server let this page change something when it was loaded. */
export const MAY_CHANGE = TOKEN !== undefined;

/** An answer with a status of failure, in the words of the API. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** The problems of the request, a line each. */
  readonly problems: readonly string[];

  constructor(status: number, { error }: ErrorJson) {
    super(error.message);
    this.status = status;
    this.problems = (error.problems ?? []).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  }
}

export function apiUrl(path: string): URL {
  return new URL(path, BASE);
}

/** A path of names, in which each character is allowed. */
export function pathOf(...names: readonly string[]): string {
  return names.map((name) => encodeURIComponent(name)).join('/');
}

/** @throws ApiError, or TypeError when there is no answer */
export async function read<T>(path: string): Promise<T> {
  return answerOf<T>(await fetch(apiUrl(path), { cache: 'no-store' }));
}

/** @throws ApiError, or TypeError when there is no answer */
export async function change<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> {
  return send<T>(path, { method, body });
}

/** Puts something where there is nothing yet (RFC 9110, 13.1.2). @throws as change, also where there is something */
export async function create<T>(path: string, body: unknown): Promise<T> {
  return send<T>(path, { method: 'PUT', body, headers: { 'if-none-match': '*' } });
}

interface Sent {
  readonly method: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function send<T>(path: string, { method, body, headers }: Sent): Promise<T> {
  const response = await fetch(apiUrl(path), {
    method,
    headers: {
      'x-tslb-csrf': TOKEN ?? '',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return answerOf<T>(response);
}

async function answerOf<T>(response: Response): Promise<T> {
  const text = await response.text();
  const json = isJson(response) ? (JSON.parse(text) as unknown) : undefined;
  if (response.ok) return json as T;
  const message = text.length > 0 && text.length < 200 ? text : response.statusText;
  throw new ApiError(
    response.status,
    isError(json) ? json : { error: { code: '', message: `${response.status} ${message}` } },
  );
}

function isJson({ headers }: Response): boolean {
  return headers.get('content-type')?.includes('json') === true;
}

function isError(json: unknown): json is ErrorJson {
  return typeof json === 'object' && json !== null && 'error' in json;
}
