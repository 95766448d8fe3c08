import { test } from 'node:test';

import { type HeaderReader, startHeaderReader } from '../helpers/peers/header-reader.ts';
import { PeerTable } from '../helpers/peers/peer-table.ts';
import type { Listeners, SenderKind } from '../helpers/peers/sender.ts';
import { SENDERS } from '../helpers/peers/senders.ts';
import { missingTools } from '../helpers/processes/tools.ts';

/** Clients by the listener that they come to. */
const CLIENTS = { inet: '127.0.0.7', inet6: '::1', dual: '127.0.0.8' } as const;

const table = new PeerTable('headers of senders', ['IPv4', 'IPv6', 'IPv4 at [::]', 'Header of IPv4']);

async function verdict(kind: SenderKind, listeners: Listeners, name: keyof Listeners): Promise<string> {
  const listener = listeners[name];
  if (listener === undefined) return '-';
  const answer = await kind.ask(listener, CLIENTS[name]);
  return answer === CLIENTS[name] ? 'yes' : answer;
}

/** Version, length, and which TLVs there are. */
function described({ headers: [header] }: HeaderReader): string {
  if (header === undefined) return 'none';
  const { alpn, authority, uniqueId, ssl } = header.tlvs;
  const tlvs = [
    alpn !== undefined && `ALPN ${alpn}`,
    authority !== undefined && `authority ${authority}`,
    uniqueId !== undefined && `unique id ${uniqueId}`,
    ssl !== undefined && (ssl.isTls ? `TLS ${ssl.version ?? ''}` : 'no TLS'),
  ].filter((text) => text !== false);
  return [`v${header.version}`, ...tlvs].join(', ');
}

const absent = missingTools(...SENDERS.map(({ program }) => program));

test('senders of the PROXY header send what the page says', { skip: absent }, async (t) => {
  const rows = await Promise.all(
    SENDERS.map(async (kind) => {
      const reader = await startHeaderReader(t);
      const listeners = await kind.start(t, reader.address);
      const verdicts: string[] = [];
      for (const name of ['inet', 'inet6', 'dual'] as const) verdicts.push(await verdict(kind, listeners, name));
      return { name: kind.name, version: await kind.version(), verdicts: [...verdicts, described(reader)] };
    }),
  );
  table.check(rows);
});
