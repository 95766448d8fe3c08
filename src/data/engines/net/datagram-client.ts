import type { ClientAddress } from '../../../core/engine.ts';

/** Whose datagrams a session is. */
export interface Client {
  readonly clientAddress: ClientAddress;
  /** As Node writes it. */
  readonly clientIp: string;
  readonly clientPort: number;
  /** In the table of the port. */
  readonly key: string;
}

/** What a session uses of the port that its client sends to. */
export interface ClientSide<Session extends Client> {
  /** To the client. */
  answer(pair: Session, datagram: Buffer, done: (error: Error | null, bytes: number) => void): void;
  dropped(why: 'queue' | 'unsent'): void;
  /** More than the session may take: others carry them. */
  again(pair: Session, datagrams: readonly Buffer[]): void;
  /** Its backend has sent something. */
  answered(pair: Session): void;
  /** It has ended. */
  left(pair: Session): void;
  /** Where its client sends to. */
  readonly localIp: string;
  readonly localPort: number;
}
