/** How the names of a server's backends (`sni`) stand for the names that clients ask for. */
export const NAME_MATCHINGS = ['exact', 'regexp', 'wildcard'] as const;
export type NameMatching = (typeof NAME_MATCHINGS)[number];

/** What becomes of a client whose name no backend has: the backends without a name, none, or all backends. */
export const UNEXPECTED_NAMES = ['default', 'reject', 'any'] as const;
export type UnexpectedNames = (typeof UNEXPECTED_NAMES)[number];

/** What becomes of a client that sends no ClientHello: it counts as one without a name, or it is closed. */
export const NAMELESS_CHOICES = ['default', 'close'] as const;
export type NamelessChoice = (typeof NAMELESS_CHOICES)[number];

/** How a server finds a backend by the server name of TLS. Plain data, to be sent to the threads. */
export interface ServerNameRules {
  readonly matching: NameMatching;
  readonly unexpected: UnexpectedNames;
  /** From the accept, for the whole hello. */
  readonly readTimeoutMs: number;
  /** Of a client that has not sent its hello by then. */
  readonly silent: NamelessChoice;
  /** Of a client whose first bytes are no hello. */
  readonly plain: NamelessChoice;
  /** Bytes of a hello. */
  readonly mostBytes: number;
}

/** What a backend wants of the hellos of its clients. */
export interface Wanted {
  /** As written: names, separated by commas, or one regular expression; '' is no name. Absent: no name. */
  readonly sni?: readonly string[];
  /** Protocols (ALPN), one of which a client has to offer. Absent: any client. */
  readonly alpn?: readonly string[];
}

/** What a client has told in its hello, as far as its server asks. */
export interface Asked {
  /** In lower case; '' where it has told none; undefined where its server does not ask. */
  readonly tlsName: string | undefined;
  /** In the order of its preference. */
  readonly alpn: readonly string[];
}

/** Of a client that was not asked. */
export const NOTHING_ASKED: Asked = Object.freeze({ tlsName: undefined, alpn: [] });

/** How the hello of a client has come out, in one word for the log. */
export const HELLO_OUTCOMES = ['named', 'no_name', 'not_tls', 'timed_out', 'too_long', 'cut_short'] as const;
export type HelloOutcome = (typeof HELLO_OUTCOMES)[number];
