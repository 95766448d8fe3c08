import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { type EngineKind, whyNoEngine } from '../../src/data/engines/registry.ts';
import { decodeProxyHeader } from '../../src/wire/proxy-protocol/decode.ts';
import { mutant, pieces } from '../fuzz/mutations.ts';
import { FUZZ_SEED } from '../fuzz/fuzz.ts';
import { sendAll, type Sending, startNamedEcho } from '../fuzz/senders.ts';
import { address, assertUnchanged, settled } from '../fuzz/settled.ts';
import { serverToml } from '../helpers/processes/cli.ts';
import { type DaemonProcess, startDaemon } from '../helpers/processes/daemon.ts';
import { helloBytes, REAL_HELLOS } from '../helpers/texts/hellos.ts';
import { PROXY_VECTORS, proxyVector, type ProxyVector } from '../helpers/texts/proxy-vectors.ts';
import { between, nthRandom } from '../soak/chance.ts';

const BATCH = 500;
const MUTANTS = Number(process.env['TSLB_FUZZ'] ?? 4000);
const WARM_CLIENTS = 30 * BATCH;
/** Names of the hellos that one backend has; the others go to the one without a name. */
const NAMED = 'N';
const DEFAULT = 'D';
const SNI = 'www.example.test';

function sniToml(engine: EngineKind, readTimeout: string, [named = '', nameless = '']: readonly string[]): string {
  const table = `[servers.names.sni]\nread_timeout = "${readTimeout}"\nsilent_clients = "close"\n`;
  return `${serverToml('names', [`${named} sni=${SNI}`, nameless], { engine, client_idle_timeout: '5s' })}${table}`;
}

for (const engine of ['epoll', 'net'] as const) {
  const skip = whyNoEngine(engine) ?? false;

  test(
    `${engine}: every real hello arrives whole at the backend of its name, cut at every byte`,
    { skip },
    async (t) => {
      // A busy machine takes its time for all of a batch.
      const daemon = await startSni(t, engine, '15s');
      let before = await settled(daemon);
      let clients = 0;
      for (const batch of batches(cutHellos())) {
        // By then a thread has as much memory as it wants for so many clients.
        if (clients === WARM_CLIENTS) before = await settled(daemon);
        const endings = await sendAll(address(daemon), batch, () => daemon.state());
        for (const [index, { received, end }] of endings.entries()) {
          const { pieces: sent, owner } = batch[index] as Cut;
          const expected = Buffer.concat([Buffer.from(owner), ...sent]);
          if (received.equals(expected)) continue;
          assert.fail(
            `cut at ${sent[0]?.length ?? 0} of ${expected.length - 1}: ${received.length} bytes from ${received.toString('latin1', 0, 1)}, ${end}`,
          );
        }
        clients += batch.length;
      }
      await assertUnchanged(daemon, before);
      console.log(`\n${engine}: ${clients} clients`);
    },
  );

  test(`${engine}: ${MUTANTS} mutants of hellos end, and leave nothing behind`, { skip }, async (t) => {
    const daemon = await startSni(t, engine, '2s');
    const samples = REAL_HELLOS.map(({ file }) => helloBytes(file));
    await mutantsEnd(t, daemon, samples);
  });
}

/** Behind a header: what an echo sends back. */
const PAYLOAD = Buffer.from('GET / HTTP/1.0\r\n\r\n');

for (const engine of ['epoll', 'net'] as const) {
  const skip = whyNoEngine(engine) ?? false;

  test(`${engine}: every PROXY header is read, or refused, cut at every byte`, { skip }, async (t) => {
    const daemon = await startProxied(t, engine);
    const before = await settled(daemon);
    for (const name of Object.keys(PROXY_VECTORS) as ProxyVector[]) {
      const header = proxyVector(name);
      const isGood = 'length' in decodeProxyHeader(header);
      const bytes = Buffer.concat([header, PAYLOAD]);
      const cuts = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
      const sendings = cuts.map((at) => ({
        pieces: [bytes.subarray(0, at), bytes.subarray(at)],
        awaitedBytes: 1 + PAYLOAD.length,
      }));
      const endings = await sendAll(address(daemon), sendings, () => daemon.state());
      for (const [index, { received }] of endings.entries())
        assert.equal(
          received.toString('latin1'),
          isGood ? `${DEFAULT}${PAYLOAD.toString()}` : '',
          `${name} cut at ${cuts[index] ?? 0}`,
        );
    }
    await assertUnchanged(daemon, before);
  });

  test(`${engine}: ${MUTANTS} mutants of PROXY headers end, and leave nothing behind`, { skip }, async (t) => {
    const daemon = await startProxied(t, engine);
    const vectors = (Object.keys(PROXY_VECTORS) as ProxyVector[]).map(proxyVector);
    await mutantsEnd(
      t,
      daemon,
      vectors.flatMap((vector) => [vector, Buffer.concat([vector, PAYLOAD])]),
    );
  });
}

async function startProxied(t: TestContext, engine: EngineKind): Promise<DaemonProcess> {
  const keys = {
    engine,
    client_idle_timeout: '5s',
    accept_proxy: 'require',
    accept_proxy_from: ['127.0.0.0/8'],
    accept_proxy_timeout: '2s',
  };
  const daemon = await startDaemon(serverToml('proxied', [await startNamedEcho(t, DEFAULT)], keys), 2);
  t.after(() => daemon.stop());
  const greeting = Buffer.concat([proxyVector('v2 TCP4'), PAYLOAD]);
  const clients = Array.from({ length: BATCH }, () => ({ pieces: [greeting], awaitedBytes: 1 + PAYLOAD.length }));
  await sendAll(address(daemon), clients, () => daemon.state());
  return daemon;
}

async function startSni(t: TestContext, engine: EngineKind, readTimeout: string): Promise<DaemonProcess> {
  const backends = [await startNamedEcho(t, NAMED), await startNamedEcho(t, DEFAULT)];
  const daemon = await startDaemon(sniToml(engine, readTimeout, backends), 2);
  t.after(() => daemon.stop());
  // The first client of each way pays for what is made once.
  await sendAll(address(daemon), [...cutHellos()].slice(0, BATCH), () => daemon.state());
  return daemon;
}

/** Mutants in random pieces, some of which wait for an answer and some of which close their side. */
async function mutantsEnd(t: TestContext, daemon: DaemonProcess, samples: readonly Buffer[]): Promise<void> {
  const before = await settled(daemon);
  const ends = new Map<string, number>();
  for (let first = 0; first < MUTANTS; first += BATCH) {
    const sendings = Array.from({ length: Math.min(BATCH, MUTANTS - first) }, (_, index) => {
      const random = nthRandom(FUZZ_SEED, first + index);
      return { pieces: pieces(random, mutant(random, samples)).slice(0, 6), finishes: between(random, 0, 9) > 0 };
    });
    for (const { end } of await sendAll(address(daemon), sendings, () => daemon.state()))
      ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  t.diagnostic(JSON.stringify(Object.fromEntries(ends)));
  assert.equal(ends.get('no end'), undefined, 'some have no end');
  await assertUnchanged(daemon, before);
}

interface Cut extends Sending {
  readonly owner: string;
}

function* cutHellos(): Generator<Cut> {
  for (const { file, sni } of REAL_HELLOS) {
    const bytes = helloBytes(file);
    const owner = sni.replace(/\.$/, '') === SNI ? NAMED : DEFAULT;
    for (let at = 1; at < bytes.length; at++)
      yield { pieces: [bytes.subarray(0, at), bytes.subarray(at)], awaitedBytes: bytes.length + 1, owner };
  }
}

function* batches<Item>(items: Iterable<Item>): Generator<readonly Item[]> {
  let batch: Item[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
