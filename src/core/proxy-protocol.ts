import type { Network } from './network.ts';

/** The header of the PROXY protocol that a backend gets before anything else. */
export const SEND_PROXY = ['none', 'v1', 'v2'] as const;
export type SendProxy = (typeof SEND_PROXY)[number];

/** What version 2 may tell besides addresses. */
export const SENT_TLVS = ['authority', 'alpn', 'unique_id', 'ssl', 'crc32c'] as const;
export type SentTlv = (typeof SENT_TLVS)[number];

/** What a check sends before anything else: the header as clients get it, one that names no client, or none. */
export const CHECK_COMMANDS = ['proxy', 'local', 'none'] as const;
export type CheckCommand = (typeof CHECK_COMMANDS)[number];

/** What the backends of a server get. */
export interface ProxyOut {
  /** Of backends that do not say themselves. */
  readonly version: SendProxy;
  readonly tlvs: readonly SentTlv[];
  /** Absent: `proxy`, and nothing at a port of its own. */
  readonly check?: CheckCommand;
}

/** What the clients of a server send. */
export interface ProxyIn {
  /** Whether a client without a header is closed. */
  readonly isRequired: boolean;
  /** Who may send one; none is everybody. */
  readonly from: readonly Network[];
  /** For the whole header. */
  readonly timeoutMs: number;
}
