import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { FakePair } from '../../../../test/helpers/fakes/fake-engine.ts';
import { type FakeBackend, fronting, snapshotOf } from '../../../../test/helpers/rigs/frontend.ts';
import { helloBytes, helloFor, helloOf, REAL_HELLOS, recut } from '../../../../test/helpers/texts/hellos.ts';
import type { Limits } from '../../../core/limits.ts';
import type { ServerNameRules } from '../../../core/server-names.ts';
import { helloMemoryInUse } from '../hello-memory.ts';

const RULES: ServerNameRules = {
  matching: 'exact',
  unexpected: 'default',
  readTimeoutMs: 2_000,
  silent: 'close',
  plain: 'default',
  mostBytes: 65_536,
};
const ALERT = '15030300020270';

const NAMED: readonly FakeBackend[] = [{ sni: ['a.test'] }, { sni: ['b.test,c.test'] }, {}];

function start(rules: Partial<ServerNameRules> = {}, backends = NAMED, limits: Partial<Limits> = {}) {
  const front = fronting({ backends, limits: { serverNames: { ...RULES, ...rules }, ...limits } });
  const say = (bytes: Uint8Array, result: 'enough' | 'finished' | 'timeout' = 'enough'): FakePair => {
    const pair = front.accept();
    pair.shows(bytes, result);
    return pair;
  };
  /** The port of the backend that is dialled for a hello; else how its client is closed. */
  const reached = (bytes: Uint8Array): string => {
    const pair = say(bytes);
    const [dial] = pair.dials;
    if (dial === undefined) return `${pair.endedBy ?? pair.state} ${pair.lastWords}`.trim();
    pair.ends('client-reset');
    return dial.slice(-1);
  };
  const causeOf = (pair: FakePair) => {
    if (pair.state !== 'ended') pair.ends('cut');
    return front.entries().at(-1);
  };
  return { front, say, reached, causeOf };
}

test('a client is sent to a backend of its name, in any case and with a dot', () => {
  const { reached } = start();
  for (const [name, port] of [
    ['a.test', '0'],
    ['A.TesT.', '0'],
    ['b.test', '1'],
    ['c.test', '1'],
    ['d.test', '2'],
    ['sub.a.test', '2'],
  ] as const)
    assert.equal(reached(helloFor(name)), port, name);
  assert.equal(reached(helloOf({})), '2');
  assert.equal(reached(helloFor('10.0.0.1')), '2');
  assert.equal(reached(Buffer.from('GET / HTTP/1.1')), '2');
});

describe('a client whose name no backend has', () => {
  for (const [unexpected, withDefault, without] of [
    ['default', '2', `close ${ALERT}`],
    ['reject', `close ${ALERT}`, `close ${ALERT}`],
    ['any', 'any', 'any'],
  ] as const) {
    test(unexpected, () => {
      const { reached } = start({ unexpected });
      const named = start({ unexpected }, NAMED.slice(0, 2)).reached;
      const word = (port: string): string => (unexpected === 'any' && /^[012]$/.test(port) ? 'any' : port);
      assert.equal(word(reached(helloFor('d.test'))), withDefault);
      assert.equal(word(named(helloFor('d.test'))), without);
      assert.equal(word(named(helloOf({}))), without);
      assert.equal(word(named(Buffer.from('SSH'))), unexpected === 'any' ? 'any' : 'close');
    });
  }
});

test('wildcards: an exact name goes before the longest ending, and that before the star', () => {
  const { reached } = start({ matching: 'wildcard' }, [
    { sni: ['www.a.test'] },
    { sni: ['*.a.test'] },
    { sni: ['*.sub.a.test'] },
    { sni: ['*'] },
    {},
  ]);
  for (const [name, port] of [
    ['www.a.test', '0'],
    ['x.a.test', '1'],
    ['x.y.a.test', '1'],
    ['x.sub.a.test', '2'],
    ['sub.a.test', '1'],
    ['a.test', '3'],
    ['localhost', '3'],
  ] as const)
    assert.equal(reached(helloFor(name)), port, name);
  assert.equal(reached(helloOf({})), '4', 'no name is no name');
});

test('regular expressions: all backends whose expression is found, and a bad one never matches', () => {
  const { reached } = start({ matching: 'regexp', unexpected: 'reject' }, [
    { sni: ['^www\\.'] },
    { sni: ['a\\.test$|b\\.test$'] },
    { sni: ['('] },
    {},
  ]);
  assert.equal(reached(helloFor('www.c.test')), '0');
  assert.equal(reached(helloFor('x.b.test')), '1');
  assert.deepEqual(new Set([1, 2, 3, 4].map(() => reached(helloFor('www.a.test')))), new Set(['0', '1']));
  assert.equal(reached(helloFor('x.test')), `close ${ALERT}`);
  assert.equal(reached(helloOf({})), '3');
});

test('the first protocol of a client that a backend of its name asks for decides', () => {
  const { reached } = start({}, [
    { sni: ['a.test'], alpn: ['h2'] },
    { sni: ['a.test'], alpn: ['http/1.1', 'acme-tls/1'] },
    { sni: ['a.test'] },
    { sni: ['b.test'], alpn: ['h2'] },
  ]);
  assert.equal(reached(helloFor('a.test', 'h2', 'http/1.1')), '0');
  assert.equal(reached(helloFor('a.test', 'http/1.1', 'h2')), '1');
  assert.equal(reached(helloFor('a.test', 'acme-tls/1')), '1');
  assert.equal(reached(helloFor('a.test', 'imap')), '2');
  assert.equal(reached(helloFor('a.test')), '2');
  assert.equal(reached(helloFor('b.test')), `close ${ALERT}`);
});

test('a name whose backends are down or full is expected all the same', () => {
  const backends = [{ sni: ['a.test'], maxConnections: 1 }, {}];
  const { front, say, reached, causeOf } = start({}, backends);
  const first = say(helloFor('a.test'));
  assert.equal(causeOf(say(helloFor('a.test')))?.cause, 'PC');
  first.ends('client-reset');
  const { backends: both } = snapshotOf(2, backends);
  front.frontend.apply({ version: 2, backends: both.slice(1), unavailable: [{ sni: ['a.test'] }] });
  assert.equal(reached(helloFor('a.test')), `close ${ALERT}`);
  assert.equal(causeOf(front.accept(new FakePair()))?.cause, 'KC');
  assert.equal(reached(helloFor('b.test')), '1');
  front.frontend.apply({ version: 3, backends: both.slice(1) });
  assert.equal(reached(helloFor('a.test')), '1', 'nobody has it any more');
});

test('retries and stickiness stay among the backends of the name', () => {
  const { say } = start({}, [{ sni: ['a.test'] }, { sni: ['b.test'] }, { sni: ['a.test'] }]);
  const pair = say(helloFor('a.test'));
  for (let failed = 0; failed < 2; failed++) pair.fails('refused');
  assert.deepEqual(pair.dials.map((dial) => dial.slice(-1)).toSorted(), ['0', '2']);
  assert.deepEqual([pair.endedBy, pair.lastWords], ['close', ALERT]);
});

test('a client that waits for the backend of its name holds up none of another name', () => {
  const backends = [
    { sni: ['a.test'], maxConnections: 1 },
    { sni: ['b.test'], maxConnections: 1 },
  ];
  const { say } = start({}, backends, { queue: { timeoutMs: 1_000, size: 0, perClient: 0, whenDown: false } });
  const [a, waitsForA] = [say(helloFor('a.test')), say(helloFor('a.test'))];
  const [b, waitsForB] = [say(helloFor('b.test')), say(helloFor('b.test'))];
  assert.deepEqual(
    [a, waitsForA, b, waitsForB].map(({ state }) => state),
    ['dialling', 'waiting', 'dialling', 'waiting'],
  );
  b.ends('client-reset');
  assert.deepEqual([waitsForA.state, waitsForB.state], ['waiting', 'dialling']);
  a.ends('client-reset');
  assert.equal(waitsForA.state, 'dialling');
});

test('weights are exact for each name, whatever comes between', () => {
  const backends = [
    { sni: ['a.test,b.test'], weight: 1 },
    { sni: ['b.test,a.test'], weight: 3 },
  ];
  const front = fronting({ backends, balance: 'weight', limits: { serverNames: RULES } });
  const counts = new Map<string, number>();
  for (let turn = 0; turn < 400; turn++) {
    for (const name of turn % 2 === 0 ? ['a.test', 'b.test'] : ['b.test', 'a.test']) {
      const pair = front.accept();
      pair.shows(helloFor(name), 'enough');
      const key = `${name} ${pair.dials[0]?.slice(-1)}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  assert.deepEqual(Object.fromEntries(counts), { 'a.test 0': 100, 'a.test 1': 300, 'b.test 0': 100, 'b.test 1': 300 });
});

test('10,000 names cost an election no more than ten', () => {
  const timeOf = (names: number): number => {
    const { front } = start(
      { matching: 'wildcard' },
      Array.from({ length: names }, (_, index) => ({ sni: [`n${index}.test,*.w${index}.test`] })),
    );
    const hellos = Array.from({ length: 10 }, (_, index) => helloFor(`${index % 2 === 0 ? 'n' : 'x.w'}${index}.test`));
    let best = Infinity;
    for (let round = 0; round < 20; round++) {
      const begin = performance.now();
      for (const hello of hellos) front.accept().shows(hello, 'enough');
      best = Math.min(best, performance.now() - begin);
    }
    return best;
  };
  const [few, many] = [timeOf(10), timeOf(10_000)];
  assert(many < few * 5 + 1, `${many} ms, and with ten names ${few} ms`);
});

describe('bytes that come in pieces', () => {
  for (const { file, sni } of REAL_HELLOS.filter(({ file }) => /four|19k|early|chromium-156$/.test(file))) {
    test(`${file}, in many looks: taken, sent on whole, and given back`, () => {
      const { front } = start({}, [{ sni: [sni] }]);
      const bytes = helloBytes(file);
      const pair = front.accept();
      let sent = 0;
      for (let looks = 0; pair.peeking !== undefined; looks++) {
        sent = Math.min(bytes.length, Math.max(pair.takenBytes + pair.peeking.wanted.atLeast, sent + 15));
        pair.shows(bytes.subarray(pair.takenBytes, sent), 'enough');
        assert(looks < 1_000);
      }
      assert.equal(pair.dials.length, 1);
      const taken = pair.takenBytes;
      assert(taken > 0 && helloMemoryInUse() > 0);
      pair.connects();
      assert.deepEqual(pair.keptFirst, bytes.subarray(0, taken));
      assert.equal(helloMemoryInUse(), 0);
      pair.ends('finished');
      const { hello, helloBytes: length = 0, sni: seen, alpn } = front.entries()[0]!;
      assert.deepEqual([hello, seen], ['named', sni]);
      assert(length <= bytes.length && Array.isArray(alpn));
    });
  }

  test('in two looks, below 4 KiB: nothing is taken', () => {
    const { front } = start();
    const bytes = helloFor('a.test');
    const pair = front.accept();
    pair.shows(bytes.subarray(0, 50), 'enough');
    pair.shows(bytes, 'enough');
    assert.deepEqual([pair.takenBytes, pair.dials.length], [0, 1]);
    pair.connects();
    assert.equal(pair.keptFirst, undefined);
  });

  test('all hellos that are taken have a bound, which others do not feel', () => {
    const { front, say } = start();
    const start1 = recut(helloOf({ padding: 16_000, names: [[0, 'a.test']] }), [16_384]).subarray(0, 16_000);
    const pairs: FakePair[] = [];
    do {
      const pair = front.accept();
      pair.shows(start1, 'enough');
      pairs.push(pair);
    } while (pairs.at(-1)?.endedBy === undefined && pairs.length < 5_000);
    assert(pairs.length > 1_000 && helloMemoryInUse() <= 32 * 1024 * 1024);
    assert.equal(say(helloFor('a.test')).dials.length, 1);
    for (const pair of pairs) pair.ends('client-reset');
    assert.equal(front.entries().at(0)?.cause, 'CR');
    assert.equal(front.entries().at(-1)?.cause, 'RC');
    assert.equal(helloMemoryInUse(), 0, 'and is given back');
  });
});

describe('clients that are not as expected', () => {
  const half = helloFor('a.test').subarray(0, 40);
  for (const [what, bytes, result, rules, expected] of [
    ['silent', '', 'timeout', {}, ['cR', 'timed_out']],
    ['silent, to be served', '', 'timeout', { silent: 'default' }, ['2', 'timed_out']],
    ['half a hello', half, 'timeout', {}, ['cR', 'timed_out']],
    ['half a hello and the end', half, 'finished', {}, ['2', 'cut_short']],
    ['half a hello and the end, to be closed', half, 'finished', { plain: 'close' }, ['PR', 'cut_short']],
    ['a whole hello and the end', helloFor('a.test'), 'finished', {}, ['0', 'named']],
    ['nothing but the end', '', 'finished', {}, ['CR', 'cut_short']],
    ['plain text', 'GET /', 'enough', {}, ['2', 'not_tls']],
    ['plain text, to be closed', 'GET /', 'enough', { plain: 'close' }, ['PR', 'not_tls']],
    ['a hello that is too long', helloOf({ padding: 2_000 }), 'enough', { mostBytes: 1_024 }, ['PR', 'too_long']],
    ['no name', helloOf({}), 'enough', {}, ['2', 'no_name']],
  ] as const) {
    test(what, () => {
      const { say, causeOf } = start(rules);
      const pair = say(Buffer.from(bytes as string), result);
      const [dial] = pair.dials;
      assert.equal(pair.lastWords, '');
      const entry = causeOf(pair);
      assert.deepEqual([dial?.slice(-1) ?? entry?.cause, entry?.hello], expected);
    });
  }

  test('the deadline counts from the accept, for all looks', () => {
    const { front } = start();
    const pair = front.accept();
    const first = pair.peeking?.wanted.deadline;
    front.clock.advance(1_000);
    pair.shows(half, 'enough');
    assert.equal(pair.peeking?.wanted.deadline, first);
  });
});
