import { StringDecoder } from 'node:string_decoder';

import { TslbError } from '../../core/errors.ts';
import type { Clock } from '../../core/clock.ts';
import { pause } from '../pause.ts';
import { change, type Change, snapshot, type Snapshot } from './answers.ts';
import type { ApiClient } from './api-client.ts';
import { ApiRefusal } from './api-errors.ts';
import { EventParser, type ServerSentEvent } from './event-parser.ts';

/** The callbacks for what a running tslb sends without a request. */
export interface Follower {
  /** A connection stands; first of all, and after each loss. */
  connected?(): void;
  snapshot?(snapshot: Snapshot): void;
  /** @param answer as the API sent it, for scripts */
  change?(change: Change, answer: unknown): void;
  /** It is tried again after a moment. */
  lost?(reason: Error): void;
}

export interface FollowOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Beyond two of the heartbeats, which come every 15 s. */
const SILENCE_MS = 40_000;
const AGAIN_MS = 1_000;

/**
 * Follows GET /v1/events until the signal: connects again whenever the connection is lost, and then gets the changes
 * that it has missed. What the follower has no function for is not asked for.
 * @throws TslbError when the API refuses, which no second attempt would change
 */
export async function follow(client: ApiClient, follower: Follower, options: FollowOptions): Promise<void> {
  const { clock, signal } = options;
  const isOver = (): boolean => signal.aborted;
  let lastId = '';
  while (!isOver()) {
    const parser = new EventParser();
    const decoder = new StringDecoder('utf8');
    try {
      const stream = await client.stream('/v1/events', {
        query: { snapshots: follower.snapshot !== undefined, changes: follower.change !== undefined },
        headers: { accept: 'text/event-stream', ...(lastId !== '' && { 'last-event-id': lastId }) },
        signal,
        silenceMs: SILENCE_MS,
      });
      follower.connected?.();
      for await (const chunk of stream) {
        for (const event of parser.feed(decoder.write(chunk as Buffer))) {
          lastId = event.id;
          tell(client, follower, event);
        }
      }
      follower.lost?.(new TslbError('TSLB_API_UNREACHABLE', `${client.address.text} has ended the stream of events`));
    } catch (thrown) {
      if (isOver()) return;
      const failure = client.failure(thrown);
      if (!isPassing(failure)) throw failure;
      follower.lost?.(failure);
    }
    await pause(clock, AGAIN_MS, signal);
  }
}

/** Whether a second attempt may fare better: no process listens, or it is about to stop. */
function isPassing(failure: Error): boolean {
  if (failure instanceof ApiRefusal) return failure.status === 503;
  return failure instanceof TslbError && failure.code === 'TSLB_API_UNREACHABLE';
}

function tell(client: ApiClient, follower: Follower, { type, data }: ServerSentEvent): void {
  if (type === 'snapshot') return follower.snapshot?.(client.fit(snapshot, JSON.parse(data)));
  if (type !== 'change') return;
  const answer: unknown = JSON.parse(data);
  follower.change?.(client.fit(change, answer), answer);
}
