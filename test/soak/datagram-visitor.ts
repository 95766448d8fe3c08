import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { IpAddress } from '../../src/core/address.ts';
import { between, happens, nthRandom, oneOf } from './chance.ts';

const SIZES = [0, 1, 100, 1200, 1473, 9000, 60_000];
const MOST_REQUESTS = 20;
/** Then it is sent again, as a resolver does. */
const ANSWER_MS = 300;
const TRIES = 10;
/** Of the name of a backend, and of the token that tells a request. */
const NAME_LENGTH = 1;
const TOKEN_LENGTH = 12;

/** What a client of UDP has seen. */
export interface Visit {
  readonly requests: number;
  readonly answers: number;
  readonly resent: number;
  /** Of requests that had no answer at all. */
  readonly unanswered: number;
  readonly faults: readonly string[];
}

/** A client that asks now one thing, now several at once, from one port, and compares what comes. */
export async function visit(seed: number, index: number, to: IpAddress): Promise<Visit> {
  const random = nthRandom(seed, index);
  const socket = createSocket('udp4');
  socket.bind(0, `127.0.0.${between(random, 1, 8)}`);
  await once(socket, 'listening');
  const asked = new Map<string, Buffer>();
  const counts = { requests: 0, answers: 0, resent: 0, unanswered: 0, faults: [] as string[] };
  let heard: () => void = () => undefined;
  socket.on('error', (error) => counts.faults.push(error.message));
  socket.on('message', (bytes, { address, port }) => {
    const token = bytes.toString('latin1', NAME_LENGTH, NAME_LENGTH + TOKEN_LENGTH);
    const request = asked.get(token);
    if (address !== to.ip || port !== to.port) counts.faults.push(`an answer from ${address}:${port}`);
    else if (request === undefined)
      counts.faults.push(`client ${index} got an answer to "${token}", which it did not ask`);
    else if (!bytes.subarray(NAME_LENGTH).equals(request))
      counts.faults.push(`${bytes.length} bytes for ${request.length}`);
    counts.answers += 1;
    heard();
  });

  for (let turn = between(random, 1, MOST_REQUESTS); turn > 0; turn--) {
    const batch = Array.from({ length: happens(random, 0.3) ? between(random, 2, 16) : 1 }, (_, nth) => {
      const token = `${index}.${turn}.${nth}.`.padEnd(TOKEN_LENGTH, 'x').slice(0, TOKEN_LENGTH);
      const request = Buffer.concat([Buffer.from(token), Buffer.alloc(oneOf(random, SIZES), token)]);
      asked.set(token, request);
      return request;
    });
    counts.requests += batch.length;
    const wanted = counts.answers + 1;
    let tries = 0;
    while (counts.answers < wanted && tries++ < TRIES) {
      if (tries > 1) counts.resent += 1;
      for (const request of batch) socket.send(request, to.port, to.ip, () => undefined);
      await Promise.race([pause(ANSWER_MS), new Promise<void>((resolve) => (heard = resolve))]);
    }
    if (counts.answers < wanted) counts.unanswered += 1;
    if (happens(random, 0.1)) await pause(between(random, 1, 1500));
  }
  await closed(socket);
  return counts;
}

function closed(socket: Socket): Promise<unknown> {
  const end = once(socket, 'close');
  socket.close();
  return end;
}
