import type { DatagramDrop } from '../../../../core/datagrams.ts';
import type { ClientAddress } from '../../../../core/engine.ts';
import type { ClientSlot } from './client-slots.ts';

/** What the listening socket needs of a session. */
export interface HomeSession {
  readonly client: ClientSlot;
}

/** The listening socket by which a session came, and leaves its answers. */
export interface SessionHome {
  readonly fd: number;
  dropped(why: DatagramDrop, datagrams: number): void;
  /** The address of this host that its client asked; '' where that was a group's. */
  localAddressOf(session: HomeSession): ClientAddress;
  /** It has got a request or an answer. */
  used(session: HomeSession): void;
  /** The next datagram of its client begins another session. */
  detach(session: HomeSession): void;
  /** Takes a datagram that this session takes not any more. */
  again(session: HomeSession, bytes: Uint8Array): void;
  /** Its backend's socket is closed. */
  ended(session: HomeSession): void;
  /** Nothing refers to its memory any more. */
  left(session: HomeSession): void;
}
