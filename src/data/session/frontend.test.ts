import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { FakePair } from '../../../test/helpers/fakes/fake-engine.ts';
import { fronting, LIMITS, snapshotOf } from '../../../test/helpers/rigs/frontend.ts';
import { parseIp } from '../../wire/ip.ts';

/** Lets everything that is open end. */
function endAll(pairs: readonly FakePair[]): void {
  for (const pair of pairs) if (pair.state !== 'ended') pair.ends(pair.state === 'ending' ? 'cut' : 'finished', true);
}

describe('what a failing backend is worth saying', () => {
  test('its first failure, and that it connects again', () => {
    const { accept, said, frontend } = fronting();
    for (let i = 0; i < 3; i++) accept().fails('refused', 'ECONNREFUSED');
    frontend.apply(snapshotOf(2, [{}, { priority: 2 }]));
    accept().fails('refused', 'ECONNREFUSED');
    accept().connects();
    accept().connects();
    accept().fails('timeout', 'ETIMEDOUT');
    assert.deepEqual(
      said.map(({ level, message, fields }) => [level, message, fields['backend'], fields['code']]),
      [
        ['warn', 'backend connect failed', 'b0:80', 'ECONNREFUSED'],
        ['info', 'backend reachable again', 'b0:80', undefined],
        ['warn', 'backend connect failed', 'b0:80', 'ETIMEDOUT'],
      ],
    );
  });

  test('each failure and each end when debugging', () => {
    const { accept, said } = fronting({ debug: true });
    for (let i = 0; i < 2; i++) {
      const pair = accept();
      pair.fails('refused');
      pair.ends('cut');
    }
    assert.deepEqual(
      said.map(({ level, message }) => `${level} ${message}`),
      [
        'warn backend connect failed',
        'debug connection ended',
        'debug backend connect failed',
        'debug connection ended',
      ],
    );
  });

  test('of our own want, once in ten seconds', () => {
    const { said, clock, frontend } = fronting();
    for (let i = 0; i < 5; i++) frontend.noResources('EMFILE');
    clock.advance(10_000);
    frontend.noResources('EMFILE');
    assert.deepEqual(
      said.map(({ message }) => message),
      ['client turned away: out of resources', 'client turned away: out of resources'],
    );
  });
});

test('datagrams that are dropped for want of descriptors are counted, and the want is said once', () => {
  const { frontend, ledger, said } = fronting();
  for (let n = 0; n < 3; n++) {
    frontend.dropped('full', 2, 'EMFILE');
    frontend.noResources('EMFILE');
  }
  assert.equal(ledger.serverTotals().drops.full, 6);
  assert.deepEqual(
    said.map(({ fields }) => fields['reason']),
    ['EMFILE'],
  );
  frontend.dropped('full', 1);
  assert.equal(said.at(-1)?.fields['reason'], 'max_sessions are in use');
});

test('a pause of accepting is logged once in ten seconds, and counts no client', () => {
  const { frontend, ledger, said } = fronting();
  for (let n = 0; n < 2; n++) frontend.paused('EMFILE');
  assert.deepEqual(
    said.map(({ level, message, fields }) => [level, message, fields['reason']]),
    [['warn', 'accepting pauses: out of resources', 'EMFILE']],
  );
  assert.equal(ledger.serverTotals().noResources, 0);
});

test('a client turned away is counted with a cause and is not accepted', () => {
  const { frontend, ledger } = fronting();
  frontend.noResources('EMFILE');
  const { noResources, accepted, active, causes } = ledger.serverTotals();
  assert.deepEqual({ noResources, accepted, active, RC: causes.RC }, { noResources: 1, accepted: 0, active: 0, RC: 1 });
});

test('rejected clients are told by reason', () => {
  for (const [options, reason] of [
    [{ limits: { maxConnections: 1 } }, 'server is at its max_connections'],
    [{ backends: [{ maxConnections: 1 }] }, 'every backend is at its max_connections'],
  ] as const) {
    const { accept, said } = fronting(options);
    accept();
    accept();
    accept();
    assert.deepEqual(
      said.map(({ message, fields }) => [message, fields['reason']]),
      [['client rejected', reason]],
    );
  }
  const empty = fronting({ backends: [] });
  empty.accept();
  assert.equal(empty.said[0]?.fields['reason'], 'no backend is available');
});

test('access rules see the client’s address', () => {
  const base = new Uint8Array(16);
  parseIp('::ffff:192.0.2.0', base);
  const access = { defaultAllow: false, rules: [{ allow: true, base, bits: 96 + 24 }] };
  const { accept } = fronting({ access });
  assert.equal(accept(new FakePair('192.0.2.77')).state, 'dialling');
  assert.equal(accept(new FakePair('::ffff:192.0.2.77')).state, 'dialling');
  assert.equal(accept(new FakePair('192.0.3.1')).state, 'ending');
  assert.equal(accept(new FakePair('2001:db8::1')).state, 'ending');
});

describe('a change', () => {
  test('of the snapshot is followed, an earlier one is not', () => {
    const { accept, frontend } = fronting();
    frontend.apply(snapshotOf(5, []));
    frontend.apply(snapshotOf(4, [{}]));
    assert.equal(frontend.version, 5);
    assert.deepEqual(accept().dials, []);
    frontend.apply(snapshotOf(6, [{}]));
    assert.equal(accept().dials.length, 1);
  });

  test('of the configuration holds for the next client; those that are open keep their timeouts', () => {
    const { accept, frontend, spec } = fronting({ limits: { clientIdleMs: 1 }, backends: [{}, {}] });
    const early = accept();
    early.connects();
    const limits = { ...LIMITS, maxConnections: 2, clientIdleMs: 2, connectTimeoutMs: 70 };
    frontend.reconfigure({ ...spec, limits, balance: 'leastconn' });
    const late = accept();
    late.connects();
    assert.deepEqual([early.limits?.client.idleMs, late.limits?.client.idleMs, late.dialTimeouts], [1, 2, [70]]);
    assert.equal(accept().endedBy, 'close');
    frontend.reconfigure({ ...spec, access: { defaultAllow: false, rules: [] } });
    assert.equal(accept().endedBy, 'close');
  });
});

describe('a server that retires', () => {
  test('is empty at once when it has no connection', () => {
    let empty = 0;
    fronting().frontend.retire(() => empty++);
    assert.equal(empty, 1);
  });

  test('is empty once, when its last connection has ended', () => {
    const { accept, frontend, ledger } = fronting();
    const pairs = [accept(), accept(), accept()];
    pairs[0]?.connects();
    let empty = 0;
    frontend.retire(() => empty++);
    endAll(pairs.slice(1));
    assert.equal(empty, 0);
    frontend.cut();
    assert.equal(pairs[0]?.endedBy, 'reset');
    endAll(pairs);
    assert.deepEqual([empty, ledger.serverActive()], [1, 0]);
    const again = accept();
    again.ends('client-reset');
    assert.equal(empty, 1, 'a client that came in the last moment is served, and nobody is told twice');
  });
});
