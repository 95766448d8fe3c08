import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  sampleBackend,
  sampleConnection,
  sampleServer,
  sampleSnapshot,
} from '../../../test/helpers/fakes/api-samples.ts';
import { type Key, type Outcome, pressed } from './keys.ts';
import { rowsOf } from './rows.ts';
import { initialState, type TopState } from './state.ts';
import { type TopEvent, updated } from './update.ts';

const SNAPSHOT = sampleSnapshot(
  sampleServer(
    'web',
    [
      sampleBackend('10.0.0.10:80', { active: 9, refused: 1 }),
      sampleBackend('10.0.0.2:80', { active: 3, refused: 7, status: 'down' }),
    ],
    { active: 12, waiting: 1 },
  ),
  sampleServer('api', [sampleBackend('10.1.0.1:80', { active: 1 })], { active: 40 }),
);

const STATE = updated(initialState('http://127.0.0.1:8888', { columns: 120, rows: 30 }), {
  type: 'snapshot',
  snapshot: SNAPSHOT,
});

/** Presses keys by their signs, or by their names between < and >; ^ is Ctrl. */
function press(state: TopState, keys: string): Outcome {
  let outcome: Outcome = { state };
  for (const [sign] of keys.matchAll(/<\w+>|\^?./gu)) outcome = pressed(outcome.state, keyOf(sign));
  return outcome;
}

function keyOf(sign: string): Key {
  if (sign.startsWith('<')) return { name: sign.slice(1, -1), text: undefined };
  if (sign.startsWith('^')) return { name: sign.slice(1), ctrl: true };
  return { name: sign.toLowerCase(), text: sign };
}

function names(state: TopState): readonly string[] {
  return rowsOf(state).map(({ server, backend }) => backend?.key ?? server.name);
}

function chosen(state: TopState): string {
  return names(state)[state.cursor.index] ?? '';
}

describe('among servers', () => {
  test('rows are ordered by each figure, and the other way round with the key again', () => {
    assert.deepEqual(names(STATE), ['api', '10.1.0.1:80', 'web', '10.0.0.2:80', '10.0.0.10:80']);
    assert.deepEqual(names(press(STATE, 'N').state), ['web', '10.0.0.10:80', '10.0.0.2:80', 'api', '10.1.0.1:80']);
    assert.deepEqual(names(press(STATE, 'C').state), ['api', '10.1.0.1:80', 'web', '10.0.0.10:80', '10.0.0.2:80']);
    assert.deepEqual(names(press(STATE, 'E').state), ['web', '10.0.0.2:80', '10.0.0.10:80', 'api', '10.1.0.1:80']);
    assert.deepEqual(names(press(STATE, 'EE').state), ['api', '10.1.0.1:80', 'web', '10.0.0.10:80', '10.0.0.2:80']);
    assert.deepEqual(names(press(STATE, 'W').state).slice(0, 1), ['web']);
    for (const key of ['S', 'B']) assert.equal(names(press(STATE, key).state).length, 5);
  });

  test('the chosen row stays chosen in another order', () => {
    const { state } = press(STATE, '<down><down>');
    assert.equal(chosen(state), 'web');
    assert.equal(chosen(press(state, 'E').state), 'web');
  });

  test('keys move to the ends and by the page', () => {
    assert.equal(chosen(press(STATE, '<end>').state), '10.0.0.10:80');
    assert.equal(chosen(press(STATE, '<end><home>').state), 'api');
    assert.equal(chosen(press(STATE, '<pagedown>').state), '10.0.0.10:80');
    assert.equal(chosen(press(STATE, 'jjk').state), '10.1.0.1:80');
  });

  test('a filter shows what it names while it is typed', () => {
    const { state } = press(STATE, '/0.0.10');
    assert.ok(state.isTyping);
    assert.deepEqual(names(state), ['web', '10.0.0.10:80']);
    assert.deepEqual(names(press(state, '<backspace>').state), ['api', '10.1.0.1:80', 'web', '10.0.0.10:80'].slice(2));
    const kept = press(state, '<return>').state;
    assert.deepEqual([kept.isTyping, kept.filter], [false, '0.0.10']);
    assert.deepEqual(names(press(STATE, '/down').state), ['web', '10.0.0.2:80']);
    assert.deepEqual(names(press(STATE, '/API').state), ['api', '10.1.0.1:80']);
    for (const keys of ['<escape>', '<return><escape>', '^u']) {
      assert.equal(names(press(state, keys).state).length, 5, keys);
    }
  });

  test('letters go into the filter and do nothing else, and what has no sign does not', () => {
    const { state, effect } = press(STATE, '/qd?x<f1>');
    assert.equal(state.filter, 'qd?x');
    assert.equal(effect, undefined);
    assert.equal(press(STATE, '/日本<backspace>').state.filter, '日');
  });
});

describe('changes', () => {
  const onBackend = press(STATE, '<end>').state;

  test('of a state ask first, and are done with a yes', () => {
    const cases = [
      ['d', 'draining', /^Drain web\/10\.0\.0\.10:80\?/],
      ['e', 'enabled', /^Enable /],
      ['x', 'disabled', /^Disable /],
      ['a', null, /^Clear the override of /],
    ] as const;
    for (const [key, state, text] of cases) {
      const asked = press(onBackend, key);
      assert.match(asked.state.question?.text ?? '', text);
      assert.equal(asked.effect, undefined);
      const done = press(asked.state, 'y');
      assert.deepEqual(done.effect, { type: 'state', server: 'web', backend: '10.0.0.10:80', state });
      assert.equal(done.state.question, undefined);
    }
  });

  test('are called off with a no, and wait for an answer while other keys are pressed', () => {
    for (const no of ['n', '<escape>', '<return>']) {
      const { state, effect } = press(onBackend, `d${no}`);
      assert.deepEqual([state.question, effect], [undefined, undefined], no);
      assert.equal(state.notice?.text, 'Nothing was changed.');
    }
    assert.ok(press(onBackend, 'dq<down>').state.question !== undefined);
    assert.deepEqual(press(onBackend, 'd^c').effect, { type: 'quit' });
  });

  test('hold for the backend that was asked about, though rows move meanwhile', () => {
    const { state } = press(onBackend, 'd');
    const later = updated(state, { type: 'snapshot', snapshot: sampleSnapshot() });
    assert.deepEqual(press(later, 'y').effect, {
      type: 'state',
      server: 'web',
      backend: '10.0.0.10:80',
      state: 'draining',
    });
  });

  test('of a server say that they are for backends', () => {
    const { state } = press(STATE, 'd');
    assert.equal(state.question, undefined);
    assert.match(state.notice?.text ?? '', /needs a backend/);
    assert.equal(press(state, '<down>').state.notice, undefined);
    const news = { type: 'snapshot', snapshot: SNAPSHOT } as const;
    const later = (seconds: number): TopState => Array.from({ length: seconds }, () => news).reduce(updated, state);
    assert.equal(later(10).notice?.text, state.notice?.text);
    assert.equal(later(11).notice, undefined);
  });
});

describe('among connections', () => {
  const opened = press(STATE, '<end>c');
  const state = updated(opened.state, {
    type: 'connections',
    to: { server: 'web', backend: '10.0.0.10:80', sort: 'age' },
    answer: { total: 2, connections: [sampleConnection('1'), sampleConnection('2')] },
  });

  test('those of the chosen row are asked for', () => {
    assert.deepEqual(opened.effect, { type: 'ask-connections' });
    const { server, backend } = opened.state.connections ?? {};
    assert.deepEqual([server, backend], ['web', '10.0.0.10:80']);
    assert.equal(press(STATE, '<return>').state.connections?.backend, undefined);
    assert.equal(press(initialState('', { columns: 9, rows: 9 }), 'c').state.view, 'servers');
  });

  test('another order asks again', () => {
    const { state: sorted, effect } = press(state, 'O');
    assert.deepEqual([sorted.connections?.sort, effect], ['rx', { type: 'ask-connections' }]);
  });

  test('the chosen one is cut after a yes', () => {
    assert.deepEqual(press(state, '<down>Ky').effect, { type: 'kill', id: '2' });
    assert.match(press(state, '<delete>').state.question?.text ?? '', /^Cut 192\.0\.2\.7:1\?/);
    assert.equal(press(opened.state, 'K').state.question, undefined);
  });

  const late: TopEvent = {
    type: 'connections',
    to: { server: 'web', backend: '10.0.0.10:80', sort: 'age' },
    answer: { total: 1, connections: [sampleConnection('3')] },
  };

  test('there is a way back, and what comes late is dropped', () => {
    for (const key of ['<escape>', '<backspace>', 'c']) {
      const { state: back } = press(state, key);
      assert.deepEqual([back.view, back.connections], ['servers', undefined]);
      assert.equal(updated(back, late).connections, undefined);
    }
  });

  test('those of one row, or in one order, are not shown as those of another', () => {
    for (const keys of ['<escape><up>c', '<escape><home>c', 'O']) {
      const { state: other } = press(state, keys);
      assert.equal(updated(other, late), other, keys);
    }
    assert.equal(updated(press(state, 'RA').state, late).connections?.answer, late.answer);
  });
});

test('help is closed by any key, which does nothing else', () => {
  const { state } = press(STATE, '?');
  assert.ok(state.hasHelp);
  const closed = press(state, 'q');
  assert.deepEqual([closed.state.hasHelp, closed.effect], [false, undefined]);
});

test('q and Ctrl-C quit, Ctrl-Z suspends', () => {
  for (const key of ['q', '^c', 'cq', '/^c']) assert.deepEqual(press(STATE, key).effect, { type: 'quit' }, key);
  assert.deepEqual(press(STATE, '^z').effect, { type: 'suspend' });
});
