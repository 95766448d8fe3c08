import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Dialogue, openDialogue } from '../helpers/peers/dialogue.ts';
import { ALL_TLVS_HEADER } from '../helpers/peers/fixed-headers.ts';
import { PeerTable } from '../helpers/peers/peer-table.ts';
import { askWeb, type Receiver, type ReceiverKind } from '../helpers/peers/receiver.ts';
import { haproxy } from '../helpers/peers/receivers/haproxy.ts';
import { RECEIVERS } from '../helpers/peers/receivers.ts';
import { type OutServer, type RelayedOut, startRelayedOut } from '../helpers/peers/relayed-out.ts';
import { outcomeOf } from '../helpers/peers/verdict.ts';
import { missingTools } from '../helpers/processes/tools.ts';

const ENGINES = ['epoll', 'net'] as const;
/** That a backend has to pass before it gets clients. */
const CHECKS = 3;

/** Clients by the listener that they come to. */
const CLIENTS = { inet: '127.0.0.7', inet6: '::1', dual: '127.0.0.8' } as const;
const WAYS = ['inet', 'inet6', 'dual'] as const;

const PLAIN: readonly OutServer[] = [
  { name: 'v1', version: 1, checks: CHECKS },
  { name: 'v2', version: 2, checks: CHECKS },
];
const ALL_FIVE = ['authority', 'alpn', 'unique_id', 'ssl', 'crc32c'] as const;
/** What a client told by a header of its own goes on. */
const TOLD: readonly OutServer[] = [...ALL_FIVE.map((tlv) => told(tlv, [tlv])), told('all five', ALL_FIVE)];

function told(name: string, tlvs: readonly string[]): OutServer {
  return { name: name.replace(' ', '-'), version: 2, tlvs, acceptsProxy: true };
}

const columns = [
  ...PLAIN.flatMap(({ name }) => [`${name} IPv4`, `${name} IPv6`, `${name} at [::]`]),
  ...TOLD.map(({ name }) => name.replace('-', ' ')),
  'checks',
];
const table = new PeerTable('tslb tells', columns);

/** `yes` when the program names the client, with the port that it has, where it tells ports. */
async function verdictOf(kind: ReceiverKind, dialogue: Dialogue, client: string, port?: number): Promise<string> {
  const outcome = await outcomeOf(kind, dialogue);
  const [ip = '', told] = outcome.split('/');
  if (kind.tellsPort === true && told !== undefined && port !== undefined) assert.equal(Number(told), port, kind.name);
  return ip === client ? 'yes' : ip;
}

async function verdicts(
  relayed: RelayedOut,
  at: number,
  kind: ReceiverKind,
  receiver: Receiver,
): Promise<readonly string[]> {
  const seen: string[] = [];
  for (const server of PLAIN) {
    await relayed.passed(at, server);
    for (const way of WAYS) {
      const dialogue = await openDialogue(relayed.at(at, server)[way], CLIENTS[way]);
      seen.push(await verdictOf(kind, dialogue, CLIENTS[way], dialogue.socket.localPort));
    }
  }
  const checks = receiver.complaints().length === 0 ? 'quiet' : 'warns';
  for (const server of TOLD) {
    const dialogue = await openDialogue(relayed.at(at, server).inet);
    dialogue.say(ALL_TLVS_HEADER);
    seen.push(await verdictOf(kind, dialogue, '203.0.113.7', 51234));
  }
  return [...seen, checks];
}

const absent = missingTools(...RECEIVERS.map(({ program }) => program));

for (const engine of ENGINES) {
  test(`${engine}: receivers name the client that tslb tells them`, { skip: absent }, async (t) => {
    const receivers = await Promise.all(RECEIVERS.map((kind) => kind.start(t)));
    const addresses = receivers.map(({ address }) => address);
    const relayed = await startRelayedOut(t, { engine, backends: addresses, servers: [...PLAIN, ...TOLD] });
    const rows = await Promise.all(
      receivers.map(async (receiver, at) => {
        const kind = RECEIVERS[at] as ReceiverKind;
        const seen = await verdicts(relayed, at, kind, receiver);
        return { name: kind.name, version: await kind.version(), verdicts: seen };
      }),
    );
    table.check(rows);
  });

  test(`${engine}: HAProxy reads the TLVs that tslb passes on`, { skip: missingTools('haproxy') }, async (t) => {
    const server = told('all', ALL_FIVE);
    const { address } = await haproxy.start(t);
    const relayed = await startRelayedOut(t, { engine, backends: [address], servers: [server] });
    const dialogue = await openDialogue(relayed.at(0, server).inet);
    t.after(() => dialogue.close());
    dialogue.say(ALL_TLVS_HEADER);
    assert.equal(await askWeb(dialogue), '203.0.113.7/51234');
    await dialogue.hears(/^ authority=www\.example\.test id=0123456789abcdef /);
  });
}
