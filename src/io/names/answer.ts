import type { Family } from './message.ts';

/** What is known of a name. */
export interface FoundName {
  /** IPv4 first; never empty. */
  readonly addresses: readonly string[];
  /** How long that holds, as its source says. */
  readonly ttlMs: number;
  /** Addresses of this family could not be asked for: what was found before still counts. */
  readonly unknown?: Family;
  /** The same once the other family has been answered for too, which took too long to wait for. */
  readonly later?: Promise<FoundName | undefined>;
}

/** `ENOTFOUND`: there is no such name, or it has no address. `EAI_AGAIN`: nobody could tell. As getaddrinfo has them. */
export class NameError extends Error {
  override readonly name = 'NameError';
  readonly code: 'ENOTFOUND' | 'EAI_AGAIN';

  constructor(code: NameError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
