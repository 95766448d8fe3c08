import type { Asked, HelloOutcome } from '../../core/server-names.ts';

/** What a client has sent first, as far as its server looks at it. */
export class HelloSeen implements Asked {
  readonly outcome: HelloOutcome;
  /** The name as received; '' where there was none. */
  readonly sni: string;
  readonly tlsName: string;
  readonly alpn: readonly string[];
  /** Of the hello, and in how many records they came. */
  readonly bytes: number;
  readonly records: number;
  /** What the client is told where it is closed and has had no backend. */
  readonly lastWords: Uint8Array | undefined;

  constructor(seen: Omit<HelloSeen, 'summary'>) {
    this.outcome = seen.outcome;
    this.sni = seen.sni;
    this.tlsName = seen.tlsName;
    this.alpn = seen.alpn;
    this.bytes = seen.bytes;
    this.records = seen.records;
    this.lastWords = seen.lastWords;
  }

  /** For the access log. */
  summary(): HelloSummary {
    const { outcome, sni, tlsName, alpn, bytes, records } = this;
    return { hello: outcome, sni, tlsName, alpn, helloBytes: bytes, helloRecords: records };
  }
}

/** What the access log says of a hello. */
export interface HelloSummary {
  readonly hello: HelloOutcome;
  readonly sni: string;
  readonly tlsName: string;
  readonly alpn: readonly string[];
  readonly helloBytes: number;
  readonly helloRecords: number;
}

/** Why a client was closed whose hello has come out so. */
export const HELLO_REASONS: Readonly<Record<HelloOutcome, string>> = {
  named: 'no backend is for the name of its hello',
  no_name: 'its hello has no name, and no backend is for such clients',
  not_tls: 'its first bytes are no hello of TLS',
  timed_out: 'its hello did not come within read_timeout',
  too_long: 'its hello is longer than max_hello',
  cut_short: 'it finished before its hello was whole',
};
