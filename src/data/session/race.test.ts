import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { SilentAddresses } from '../../core/happy-eyeballs.ts';
import { fronting } from '../../../test/helpers/rigs/frontend.ts';

const [FIRST, SECOND, THIRD] = ['10.0.0.1:8000', '10.0.0.2:8000', '10.0.0.3:8000'];

function racing(addresses = 3, silent = new SilentAddresses()) {
  const front = fronting({ backends: [{ addresses }], limits: { connectTimeoutMs: 5_000, retries: 0 }, silent });
  return { ...front, silent };
}

describe('several addresses', () => {
  test('are dialled 250 ms apart while none answers, and the first that connects ends it', () => {
    const { accept, clock } = racing();
    const pair = accept();
    clock.advance(250);
    assert.deepEqual(pair.dials, [FIRST, SECOND]);
    pair.connects();
    assert.equal(clock.timers, 0);
    clock.advance(1_000);
    assert.deepEqual([pair.dials, pair.state], [[FIRST, SECOND], 'relaying']);
  });

  test('of which one fails are followed at once, and the 250 ms begin anew', () => {
    const { accept, clock } = racing();
    const pair = accept();
    clock.advance(100);
    pair.fails('refused');
    assert.deepEqual(pair.dials, [FIRST, SECOND]);
    clock.advance(249);
    assert.deepEqual(pair.dials, [FIRST, SECOND]);
    clock.advance(1);
    assert.deepEqual(pair.dials, [FIRST, SECOND, THIRD]);
  });

  test('that are silent cost the next client nothing: they are dialled last', () => {
    const { accept, clock } = racing();
    const first = accept();
    clock.advance(250);
    first.connects(1);
    const next = accept();
    assert.deepEqual(next.dials, [SECOND]);
    next.connects();
    clock.advance(60_000);
    assert.deepEqual(accept().dials, [FIRST], 'after a minute it is tried in its place again');
  });

  test('that connect after all are in their place again', () => {
    const { accept, clock } = racing(2);
    const first = accept();
    clock.advance(250);
    first.connects(1);
    const second = accept();
    second.fails('refused');
    second.connects();
    assert.deepEqual(second.dials, [SECOND, FIRST]);
    assert.deepEqual(accept().dials, [FIRST]);
  });

  test('that are unreachable at once are not silent, but those are that are after a while', () => {
    const { accept, clock } = racing(2);
    const first = accept();
    first.fails('unreachable', 'ENETUNREACH');
    first.connects();
    const second = accept();
    assert.deepEqual(second.dials, [FIRST]);
    clock.advance(3_000);
    second.fails('unreachable', 'EHOSTUNREACH');
    second.connects();
    assert.deepEqual(accept().dials, [SECOND]);
  });

  test('are dialled no more for a client that is cut or leaves', () => {
    const { accept, clock, frontend } = racing();
    const [cut, gone] = [accept(), accept()];
    frontend.connections[0]?.kill();
    gone.ends('client-reset');
    clock.advance(1_000);
    assert.deepEqual([cut.dials, gone.dials], [[FIRST], [FIRST]]);
    assert.equal(clock.timers, 0);
  });
});

test('one address has no timer', () => {
  const { accept, clock } = racing(1);
  accept();
  assert.equal(clock.timers, 0);
});
