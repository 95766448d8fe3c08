/** The side at fault: the client, the backend, or tslb itself (bugs, limits, files). */
export type Side = 'client' | 'backend' | 'internal';

/** The base of every error that tslb raises on purpose. */
export class TslbError extends Error {
  override readonly name: string = 'TslbError';
  /** Stable name for scripts: `TSLB_…`. */
  readonly code: `TSLB_${string}`;
  readonly side: Side;

  constructor(code: `TSLB_${string}`, message: string, options: { side?: Side; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.side = options.side ?? 'internal';
  }
}

/** What was thrown, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** The system's name of an error (`ECONNREFUSED`, `ENOENT`), or an empty text where it has none. */
export function errorCode(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : '';
}
