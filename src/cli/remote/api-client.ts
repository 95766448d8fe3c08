import type { Readable } from 'node:stream';

import { Pool } from 'undici';
import type * as z from 'zod';

import type { ApiAddress } from './address.ts';
import { failureOf, notOurs, refusalOf } from './api-errors.ts';

export interface ApiClientOptions {
  readonly address: ApiAddress;
  readonly login?: { readonly name: string; readonly password: string } | undefined;
  /** PEM: the authorities to trust, in place of Node's own. */
  readonly ca?: string | undefined;
  /** Trusts every certificate. */
  readonly insecure?: boolean | undefined;
}

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** How long the answer may take to begin; a minute when absent. */
  readonly timeoutMs?: number;
}

const CONNECT_MS = 10_000;
const ANSWER_MS = 60_000;
/** An answer with some ten thousand backends. */
const LARGEST_ANSWER = 64 * 1024 * 1024;

/** Asks the API of a running tslb. Everything is bounded in time and size. */
export class ApiClient {
  readonly address: ApiAddress;
  readonly #pool: Pool;
  readonly #streams: Pool;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ address, login, ca, insecure }: ApiClientOptions) {
    this.address = address;
    const connect = {
      timeout: CONNECT_MS,
      ...(address.socketPath !== undefined && { socketPath: address.socketPath }),
      ...(ca !== undefined && { ca }),
      ...(insecure === true && { rejectUnauthorized: false }),
    };
    this.#pool = new Pool(address.origin, { connect, connections: 4, maxResponseSize: LARGEST_ANSWER });
    this.#streams = new Pool(address.origin, { connect });
    this.#headers =
      login === undefined
        ? {}
        : { authorization: `Basic ${Buffer.from(`${login.name}:${login.password}`).toString('base64')}` };
  }

  /** What the API answers, as it is. @throws ApiRefusal, TslbError TSLB_API_… */
  async json(path: string, ask: Ask = {}): Promise<unknown> {
    const text = await this.text(path, ask);
    try {
      return JSON.parse(text);
    } catch {
      throw notOurs(this.address, 'the answer is not JSON');
    }
  }

  /** What the API answers, as the schema has it. @throws as json, and TSLB_API_ANSWER where it does not fit */
  async read<Schema extends z.ZodType>(schema: Schema, path: string, ask: Ask = {}): Promise<z.output<Schema>> {
    return this.fit(schema, await this.json(path, ask));
  }

  fit<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
    const { data, error } = schema.safeParse(value);
    if (error === undefined) return data;
    const [issue] = error.issues;
    throw notOurs(this.address, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unexpected'}`);
  }

  async text(path: string, ask: Ask = {}): Promise<string> {
    const { method = 'GET', query, headers, body, timeoutMs = ANSWER_MS } = ask;
    const answered = await this.#asked(async () => {
      const response = await this.#pool.request({
        method,
        path: this.#pathOf(path, query),
        headers: {
          ...this.#headers,
          ...headers,
          accept: 'application/json, */*;q=0.5',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body, withoutBigInt),
        headersTimeout: timeoutMs,
        bodyTimeout: ANSWER_MS,
      });
      return { status: response.statusCode, text: await response.body.text() };
    });
    if (answered.status >= 200 && answered.status < 300) return answered.text;
    throw refusalOf(this.address, answered.status, answered.text);
  }

  /**
   * An answer that goes on until the signal or its reader ends it.
   * @param silenceMs after which it counts as broken
   */
  async stream(
    path: string,
    { query, headers, signal, silenceMs }: Pick<Ask, 'query' | 'headers'> & StreamOptions,
  ): Promise<Readable> {
    const answered = await this.#asked(async () => {
      const response = await this.#streams.request({
        method: 'GET',
        path: this.#pathOf(path, query),
        headers: { ...this.#headers, ...headers },
        signal,
        headersTimeout: ANSWER_MS,
        bodyTimeout: silenceMs,
      });
      if (response.statusCode === 200) return response.body;
      return { status: response.statusCode, text: await response.body.text() };
    });
    if ('status' in answered) throw refusalOf(this.address, answered.status, answered.text);
    return answered;
  }

  /** What went wrong with a stream, in our words. */
  failure(thrown: unknown): Error {
    return failureOf(this.address, thrown);
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.destroy(), this.#streams.destroy()]);
  }

  async #asked<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await ask();
    } catch (thrown) {
      throw failureOf(this.address, thrown);
    }
  }

  #pathOf(path: string, query: Ask['query'] = {}): string {
    const entries = Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as [string, string]],
    );
    return this.address.base + path + (entries.length === 0 ? '' : `?${new URLSearchParams(entries).toString()}`);
  }
}

export interface StreamOptions {
  readonly signal: AbortSignal;
  readonly silenceMs: number;
}

/** JSON.stringify refuses TOML's bigints; the API refuses the ones that are too large. */
function withoutBigInt(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}
