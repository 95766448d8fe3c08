import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { FakePair } from '../../../../test/helpers/fakes/fake-engine.ts';
import { fronting, type FrontingOptions } from '../../../../test/helpers/rigs/frontend.ts';
import { PROXY_VECTORS, proxyVector, type ProxyVector } from '../../../../test/helpers/texts/proxy-vectors.ts';
import type { ProxyIn } from '../../../core/proxy-protocol.ts';
import { parseNetwork } from '../../../config/values/network.ts';

const REQUIRE: ProxyIn = { isRequired: true, from: [], timeoutMs: 5_000 };
const ALLOW: ProxyIn = { isRequired: false, from: [network('192.0.2.0/24')], timeoutMs: 5_000 };
const REFUSED: readonly ProxyVector[] = ['v2 command 2 (invalid)', 'v2 + CRC32C wrong', 'v2 TLV cut off (invalid)'];
const SAID = 'client without a PROXY header closed';

function start(proxyIn: ProxyIn, options: FrontingOptions = {}, pair = new FakePair('192.0.2.1', 5_000)) {
  const front = fronting({ ...options, limits: { ...options.limits, proxyIn } });
  front.accept(pair);
  return { front, pair, said: () => front.said.filter(({ message }) => message === SAID).map(({ fields }) => fields) };
}

describe('a client that has to send a header', () => {
  for (const name of Object.keys(PROXY_VECTORS) as readonly ProxyVector[]) {
    test(`${name}: byte by byte, the client is the one that it names, or the connection is closed`, () => {
      const { front, pair } = start(REQUIRE);
      const bytes = proxyVector(name);
      for (let length = 1; length <= bytes.length && pair.peeking !== undefined; length++) {
        if (length >= pair.peeking.wanted.atLeast) pair.shows(bytes.subarray(0, length), 'enough');
      }
      if (REFUSED.includes(name)) assert.deepEqual([pair.endedBy, pair.takenBytes], ['close', 0]);
      else {
        assert.equal(pair.takenBytes, bytes.length);
        pair.connects();
        pair.ends('finished');
        const isNamed = name.includes('TCP') || name.replace('LOCAL + ', '').includes(' + ');
        const { client, peer } = front.entries()[0]!;
        assert.equal(client === '192.0.2.1:5000', !isNamed, client);
        assert.equal(peer, isNamed ? '192.0.2.1:5000' : undefined);
      }
    });
  }

  test('is closed when it sends something else, which is logged once in a while', () => {
    const { front, pair, said } = start(REQUIRE);
    pair.shows(Buffer.from('GET /\0 HTTP/1.1\r\nHost: www.example.test\r\n'), 'enough');
    assert.equal(pair.endedBy, 'close');
    pair.ends('cut');
    assert.equal(front.entries()[0]?.cause, 'PR');
    const fields = {
      server: 'web',
      peer: '192.0.2.1:5000',
      reason: 'it begins with something else',
      firstBytes: 'GET /\\x00 HTTP/1.1\\x0d\\x0aHost: www.examp…',
    };
    assert.deepEqual(said(), [{ ...fields, server: said()[0]?.['server'] }]);
    front.accept().shows(Buffer.from('x'), 'enough');
    assert.equal(said().length, 1);
  });

  test('is closed without a word when it closes without a byte, or resets', () => {
    const { front, pair, said } = start(REQUIRE);
    pair.shows(Buffer.alloc(0), 'finished');
    assert.equal(pair.endedBy, 'close');
    pair.ends('cut');
    front.accept().ends('client-reset');
    assert.deepEqual(
      front.entries().map(({ cause }) => cause),
      ['CR', 'CR'],
    );
    assert.deepEqual(said(), []);
  });

  test('has as long as the header may take, once', () => {
    const { front, pair, said } = start(REQUIRE);
    const deadline = pair.peeking?.wanted.deadline;
    assert.equal(deadline, front.engine.now() + 5_000);
    front.engine.clock.advance(1_000);
    pair.shows(Buffer.from('PROXY TC'), 'enough');
    assert.equal(pair.peeking?.wanted.deadline, deadline);
    pair.shows(Buffer.from('PROXY TC'), 'timeout');
    pair.ends('cut');
    assert.equal(front.entries()[0]?.cause, 'cR');
    assert.equal(said()[0]?.['reason'], 'it did not come in time');
  });

  test('is closed when it may not send one', () => {
    const { front, pair, said } = start({ ...REQUIRE, from: [network('10.0.0.0/8'), network('2001:db8::/32')] });
    assert.deepEqual([pair.peeking, pair.endedBy], [undefined, 'close']);
    pair.ends('cut');
    assert.equal(front.entries()[0]?.cause, 'PR');
    assert.equal(said()[0]?.['reason'], 'the peer is not in accept_proxy_from');
  });
});

describe('a client that may send a header', () => {
  test('is served with its bytes when they are none, when it is silent, and when it has finished', () => {
    for (const [bytes, result] of [
      ['GET / HTTP/1.1', 'enough'],
      ['PRO', 'timeout'],
      ['', 'timeout'],
      ['P', 'finished'],
    ] as const) {
      const { front, pair } = start(ALLOW);
      pair.shows(Buffer.from(bytes), result);
      assert.deepEqual([pair.takenBytes, pair.state], [0, 'dialling'], bytes);
      pair.connects();
      pair.ends('finished');
      assert.equal(front.entries()[0]?.client, '192.0.2.1:5000');
    }
  });

  test('is closed when its header is broken', () => {
    const { pair } = start(ALLOW);
    pair.shows(proxyVector('v2 + CRC32C wrong'), 'enough');
    assert.equal(pair.endedBy, 'close');
  });

  test('is not asked where it is not trusted', () => {
    const { pair } = start(ALLOW, {}, new FakePair('198.51.100.1', 5_000));
    assert.deepEqual([pair.peeking, pair.state], [undefined, 'dialling']);
  });

  test('is trusted on a unix socket', () => {
    const { pair } = start({ ...REQUIRE, from: [network('10.0.0.0/8')] }, {}, new FakePair(''));
    assert.notEqual(pair.peeking, undefined);
  });
});

test('access rules go by the address in the header', () => {
  for (const [rule, isDenied] of [
    ['203.0.113.0/24', true],
    ['192.0.2.0/24', false],
  ] as const) {
    const access = { defaultAllow: true, rules: [{ allow: false, ...network(rule) }] };
    const { pair } = start(REQUIRE, { access });
    pair.shows(proxyVector('v1 TCP6 mapped'), 'enough');
    assert.equal(pair.endedBy === 'close', isDenied, rule);
  }
});

test('the authority and the unique id of a header stand in the access log', () => {
  const { front, pair } = start(REQUIRE);
  pair.shows(proxyVector('v2 + all of them + CRC32C'), 'enough');
  pair.connects();
  pair.ends('finished');
  const { authority, uniqueId } = front.entries()[0]!;
  assert.deepEqual([authority, uniqueId], ['www.example.test', '0123456789abcdef']);
});

test('an authority is one line of the log, whatever is in it', () => {
  const { front, pair } = start(REQUIRE);
  const text = Buffer.from('a\n\u2028\u2029\u0085"b');
  const header = Buffer.concat([Buffer.from('0d0a0d0a000d0a515549540a2000000002', 'hex'), Buffer.alloc(2), text]);
  header.writeUInt16BE(3 + text.length, 14);
  header.writeUInt16BE(text.length, 17);
  pair.shows(header, 'enough');
  pair.connects();
  pair.ends('finished');
  assert.equal(front.entries()[0]?.authority, 'a????"b');
});

function network(text: string) {
  const parsed = parseNetwork(text);
  assert('value' in parsed);
  return parsed.value;
}
