import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { assertAsPrinted, ENGINES } from '../helpers/peers/matrix.ts';
import { startCounter, startSlowLink, startTlsBackend } from '../helpers/peers/tls-backends.ts';
import { TLS_CLIENTS, type TlsClient, type Visit } from '../helpers/peers/tls-clients.ts';
import { serverToml, startTslb } from '../helpers/processes/cli.ts';
import { missingTools } from '../helpers/processes/tools.ts';
import { freePort } from '../helpers/sockets/traffic.ts';

const A = 'a.example.test';
const UNKNOWN = 'unknown.example.test';

/** What the clients print that understand the alert. */
const UNRECOGNIZED = /\w*unrecogni[sz]ed[_ ]name\w*|server name sent was not recognized/i;

/** A server for each strategy, and one whose backends differ by protocol. */
async function startBalancer(t: TestContext, engine: string) {
  const web = { alpn: ['http/1.1'] } as const;
  const [a, b, plain] = [
    await startTlsBackend(t, 'a', web),
    await startTlsBackend(t, 'b', web),
    await startTlsBackend(t, 'the default', web),
  ];
  const [h2, h1] = [await startTlsBackend(t, 'h2', { alpn: ['h2'] }), await startTlsBackend(t, 'h1', web)];
  const named = [`${a.address} sni=a.example.test`, `${b.address} sni=b.example.test`];
  const server = async (name: string, strategy: string, backends: readonly string[]) => {
    const bind = `127.0.0.1:${await freePort()}`;
    const table = `[servers.${name}.sni]\nunexpected_hostname_strategy = "${strategy}"\n`;
    return serverToml(name, backends, { bind, engine }) + table;
  };
  const running = await startTslb(
    t,
    [
      await server('default', 'default', [...named, plain.address]),
      await server('any', 'any', named),
      await server('reject', 'reject', named),
      await server('alpn', 'reject', [`${h2.address} sni=${A} alpn=h2`, `${h1.address} sni=${A} alpn=http/1.1`]),
    ].join(''),
  );
  return { running, h2, h1 };
}

/** The backends that answered. */
function backends(pages: readonly string[]): string {
  return pages.map((page) => /served by ([^,]*)/.exec(page)?.[1] ?? page).join(', ') || 'nothing';
}

async function verdicts(t: TestContext, client: TlsClient, engine: string): Promise<readonly string[]> {
  const { running, h2, h1 } = await startBalancer(t, engine);
  const port = (server: string) => running.at(server).port;
  const served = async (visit: Visit) => backends((await client.visit(visit)).pages);
  const [byName, slow, counter] = [
    port('default'),
    await startSlowLink(t, port('default')),
    await startCounter(t, port('reject')),
  ];

  const again = await client.visit({ port: byName, name: A, visits: 2 });
  const isKnown = again.pages.at(-1)?.includes('known') === true;
  const rejected = await client.visit({ port: counter.port, name: UNKNOWN });
  assert.deepEqual(rejected.pages, []);
  const alert = UNRECOGNIZED.exec(rejected.said)?.[0] ?? 'other words';
  const alpn = async (protocol: 'h2' | 'http/1.1') => {
    await client.visit({ port: port('alpn'), name: A, alpn: [protocol] });
    const chosen = [h2, h1].filter(({ handshakes }) => handshakes.splice(0).length > 0).map(({ name }) => name);
    return chosen.join(', ') || 'nothing';
  };
  return [
    await served({ port: byName, name: A }),
    await served({ port: byName, name: 'A.Example.TEST' }),
    client.takesDot ? await served({ port: byName, name: `${A}.` }) : 'refuses to',
    await served({ port: byName, name: '' }),
    await served({ port: byName, name: UNKNOWN }),
    /^[ab]$/.test(await served({ port: port('any'), name: UNKNOWN })) ? 'a or b' : 'nothing',
    `\`${alert}\``,
    countOf(client, counter.connections),
    await served({ port: slow.port, name: A }),
    `${backends(again.pages.slice(-1))}, ${isKnown ? 'by ticket' : 'anew'}`,
    await byProtocol(client, alpn),
  ];
}

/** A client that opens some more now and then has a range. */
function countOf({ mostConnections = 1 }: TlsClient, connections: number): string {
  const isWithin = connections >= 1 && connections <= mostConnections;
  return isWithin && mostConnections > 1 ? `1 to ${mostConnections}` : String(connections);
}

/** Who is chosen for each of the two protocols, or for both. */
async function byProtocol(
  client: TlsClient,
  chosen: (protocol: 'h2' | 'http/1.1') => Promise<string>,
): Promise<string> {
  if (client.alpn === 'none') return 'offers none';
  if (client.alpn === 'both') return `${await chosen('h2')} for both`;
  return `${await chosen('h2')}, ${await chosen('http/1.1')}`;
}

for (const create of TLS_CLIENTS) {
  const { name, tools } = create;
  test(`${name} comes to the backend of its name`, { skip: missingTools(...tools) }, async (t) => {
    const client = create.start(t);
    const version = await client.version();
    for (const engine of ENGINES) {
      assertAsPrinted('## TLS clients', { program: name, version, verdicts: await verdicts(t, client, engine) });
    }
  });
}
