import type { Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { LOCAL, ownHeader } from '../helpers/peers/check-headers.ts';
import { openDialogue } from '../helpers/peers/dialogue.ts';
import { FIXED_HEADERS, type FixedHeader } from '../helpers/peers/fixed-headers.ts';
import { PeerTable } from '../helpers/peers/peer-table.ts';
import type { Receiver, ReceiverKind } from '../helpers/peers/receiver.ts';
import { RECEIVERS } from '../helpers/peers/receivers.ts';
import { outcomeOf } from '../helpers/peers/verdict.ts';
import { missingTools } from '../helpers/processes/tools.ts';

// What these programs do with fixed bytes, without tslb: when one of them changes, this says so.

/** The connection's own address, which no header has. */
const OWN = '127.0.0.9';
const CLAIMED = { inet: '203.0.113.7', inet6: '2001:db8::7', none: OWN } as const;
/** Longer than a segment waits for the next one. */
const APART_MS = 50;
/** In which a warning comes: where the page says that there is one, and where nothing is known yet. */
const [WARNS_MS, MAY_WARN_MS] = [20_000, 1000];

/** What a health check says before it closes. */
const CHECKS: Readonly<Record<string, (socket: Socket) => Uint8Array>> = {
  nothing: () => Buffer.alloc(0),
  'own addresses, v1': (socket) => ownHeader(1, socket),
  'own addresses, v2': (socket) => ownHeader(2, socket),
  'v2 LOCAL': () => LOCAL,
  'v1 UNKNOWN': () => Buffer.from('PROXY UNKNOWN\r\n'),
};

const headers = FIXED_HEADERS.map(({ title }) => title);
const headersTable = new PeerTable('fixed headers', headers);
const checksTable = new PeerTable('checks', Object.keys(CHECKS));

async function headerVerdict(kind: ReceiverKind, receiver: Receiver, header: FixedHeader): Promise<string> {
  const dialogue = await openDialogue(receiver.address, OWN);
  for (const [at, piece] of header.pieces.entries()) {
    if (at > 0) await setTimeout(APART_MS);
    dialogue.say(piece);
  }
  const outcome = await outcomeOf(kind, dialogue);
  const [client = ''] = outcome.split('/', 1);
  return client === CLAIMED[header.claim] ? 'yes' : client;
}

/** Whether the program's log has a warning or worse of a connection that says only this. */
async function checkVerdict(kind: ReceiverKind, receiver: Receiver, check: string): Promise<string> {
  const before = receiver.complaints().length;
  const hasWarned = (): boolean => receiver.complaints().length > before;
  const dialogue = await openDialogue(receiver.address);
  dialogue.say(CHECKS[check]?.(dialogue.socket) ?? '');
  dialogue.socket.destroySoon();
  // After which a program has seen the end of the connection before.
  const next = await openDialogue(receiver.address);
  next.say(ownHeader(1, next.socket));
  await outcomeOf(kind, next);
  const expected = checksTable.expected(kind.name, check);
  const deadline = performance.now() + (expected === undefined ? MAY_WARN_MS : expected === 'warns' ? WARNS_MS : 0);
  while (!hasWarned() && performance.now() < deadline) await setTimeout(20);
  return hasWarned() ? 'warns' : 'quiet';
}

const absent = missingTools(...RECEIVERS.map(({ program }) => program));

test('receivers of the PROXY header do with fixed bytes what the page says', { skip: absent }, async (t) => {
  const seen = await Promise.all(
    RECEIVERS.map(async (kind) => {
      const receiver = await kind.start(t);
      const [ofHeaders, ofChecks] = [[] as string[], [] as string[]];
      for (const header of FIXED_HEADERS) ofHeaders.push(await headerVerdict(kind, receiver, header));
      for (const check of Object.keys(CHECKS)) ofChecks.push(await checkVerdict(kind, receiver, check));
      return { name: kind.name, version: await kind.version(), ofHeaders, ofChecks };
    }),
  );
  headersTable.check(seen.map(({ name, version, ofHeaders }) => ({ name, version, verdicts: ofHeaders })));
  checksTable.check(seen.map(({ name, version, ofChecks }) => ({ name, version, verdicts: ofChecks })));
});
