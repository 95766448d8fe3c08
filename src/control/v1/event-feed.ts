import type { FastifyReply } from 'fastify';

import type { ControlEvent } from '../../core/events.ts';
import type { Reading } from '../../core/reading.ts';
import type { Stats, StatsSnapshot } from '../../core/stats.ts';
import { EventStream } from '../../web/event-stream.ts';
import type { StreamMessage } from '../../web/event-text.ts';
import { numberOf } from './change-numbers.ts';
import type { V1Parts } from './parts.ts';
import { changeJson } from './present/change.ts';
import { snapshotJson } from './present/snapshot.ts';

type Kind = 'snapshot' | 'change';

/** Snapshots and changes for the clients of one service. Subscribes only while it has clients. */
export class EventFeed {
  readonly #reading: Reading;
  readonly #stats: Stats;
  readonly #stream: EventStream;
  /** Clients that want each kind, and what ends the looking on. */
  readonly #wanted: Record<Kind, { clients: number; end: (() => void) | undefined }> = {
    snapshot: { clients: 0, end: undefined },
    change: { clients: 0, end: undefined },
  };

  constructor({ reading, stats, clock }: V1Parts) {
    this.#reading = reading;
    this.#stats = stats;
    this.#stream = new EventStream({ clock });
  }

  /** Makes an answer a stream of these kinds. @param lastSeen the id of the last change that the client has seen */
  open(reply: FastifyReply, kinds: readonly Kind[], lastSeen: string | undefined): void {
    const isOpen = this.#stream.open(reply, {
      wants: (event) => kinds.some((kind) => kind === event),
      first: () => kinds.flatMap((kind) => this.#first(kind, lastSeen)),
      closed: () => {
        for (const kind of kinds) this.#leave(kind);
      },
    });
    if (!isOpen) return;
    for (const kind of kinds) this.#join(kind);
  }

  #first(kind: Kind, lastSeen: string | undefined): readonly StreamMessage[] {
    // Not the last second's: who has read or changed something before would see it undone.
    if (kind === 'snapshot') return [snapshotMessage(this.#stats.now())];
    const seen = this.#numberIn(lastSeen);
    return this.#reading.events.recent.filter((event) => numberOf(event) > seen).map((event) => this.#message(event));
  }

  #join(kind: Kind): void {
    const wanted = this.#wanted[kind];
    wanted.clients += 1;
    wanted.end ??= kind === 'snapshot' ? this.#watchSnapshots() : this.#watchChanges();
  }

  #leave(kind: Kind): void {
    const wanted = this.#wanted[kind];
    wanted.clients -= 1;
    if (wanted.clients > 0) return;
    wanted.end?.();
    wanted.end = undefined;
  }

  #watchSnapshots(): () => void {
    return this.#stats.subscribe((snapshot) => this.#stream.send(snapshotMessage(snapshot), true));
  }

  #watchChanges(): () => void {
    return this.#reading.events.subscribe((event) => this.#stream.send(this.#message(event)));
  }

  #message(event: ControlEvent): StreamMessage {
    return { event: 'change', id: `${this.#epoch}-${numberOf(event)}`, data: JSON.stringify(changeJson(event)) };
  }

  /** 0 for an id of another process, or of none. */
  #numberIn(id: string | undefined): number {
    const [, epoch, number] = /^([0-9a-z]+)-(\d{1,15})$/.exec(id ?? '') ?? [];
    return epoch === this.#epoch ? Number(number) : 0;
  }

  get #epoch(): string {
    return this.#reading.about.startedAt.toString(36);
  }
}

const texts = new WeakMap<StatsSnapshot, string>();

/** One for many is made into text once, for all clients of all services. */
function snapshotMessage(snapshot: StatsSnapshot): StreamMessage {
  let data = texts.get(snapshot);
  if (data === undefined) {
    data = JSON.stringify(snapshotJson(snapshot));
    texts.set(snapshot, data);
  }
  return { event: 'snapshot', data };
}
