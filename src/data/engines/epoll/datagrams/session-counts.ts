import type { DatagramOwner } from '../../../../core/datagrams.ts';
import type { Answered } from '../../linux/answer-batch.ts';
import type { Counted } from '../../linux/loop.ts';
import * as layout from '../../linux/message-layout.ts';
import type { NativeMemory } from '../../linux/native-memory.ts';
import type { ClientSlot } from './client-slots.ts';
import type { Exchange } from './exchange.ts';
import type { SessionHome } from './session-home.ts';

/** A session as to its client's address, and what was delivered in it. */
export abstract class SessionCounts implements Answered, Counted {
  owner!: DatagramOwner;
  /** @see UnorderedList */
  listIndex = -1;
  takesJoined = true;
  readonly exchange: Exchange;
  readonly home: SessionHome;
  readonly client: ClientSlot;
  readonly nameAddress: number;
  readonly nameBytes: number;
  readonly control: NativeMemory;
  readonly controlAt: number;
  readonly controlBytes: number;
  // Delivered, and not told yet.
  #rxBytes = 0;
  #txBytes = 0;
  #rx = 0;
  #tx = 0;

  constructor(exchange: Exchange, home: SessionHome, client: ClientSlot) {
    this.exchange = exchange;
    this.home = home;
    this.client = client;
    this.nameAddress = client.memory.address + 4 * client.at;
    this.nameBytes = client.nameBytes;
    this.control = client.memory;
    this.controlAt = client.at + layout.NAME_WORDS;
    this.controlBytes = client.controlBytes;
  }

  report(): void {
    const [rx, tx, rxBytes, txBytes] = [this.#rx, this.#tx, this.#rxBytes, this.#txBytes];
    if (rx === 0 && tx === 0) return;
    this.#rx = this.#tx = this.#rxBytes = this.#txBytes = 0;
    this.owner.movedDatagrams(rx, tx);
    this.owner.moved(rxBytes, txBytes);
  }

  /** An answer that was counted as delivered. */
  lost(bytes: number): void {
    this.#rx -= 1;
    this.#rxBytes -= bytes;
    this.home.dropped('unsent', 1);
  }

  protected countAnswers(datagrams: number, bytes: number): void {
    this.#rx += datagrams;
    this.#rxBytes += bytes;
    if (this.listIndex < 0) this.exchange.loop.counts(this);
  }

  protected countRequests(datagrams: number, bytes: number): void {
    this.#tx += datagrams;
    this.#txBytes += bytes;
    if (this.listIndex < 0) this.exchange.loop.counts(this);
  }
}
