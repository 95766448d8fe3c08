import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ControlEvent } from '../../core/events.ts';
import { EventHub } from './event-hub.ts';

function hubOf() {
  const faults: unknown[] = [];
  let now = 0;
  const hub = new EventHub({ date: () => (now += 1), failed: (thrown) => faults.push(thrown) });
  return { hub, faults };
}

function changed(what: string) {
  return { type: 'changed', by: 'ann', what } as const;
}

function textOf(event: ControlEvent): string {
  return event.type === 'changed' ? event.what : '';
}

test('every listener is told, with the time, until it stops listening', () => {
  const { hub } = hubOf();
  const heard: string[] = [];
  const end = hub.subscribe((event) => heard.push(`one ${textOf(event)} ${event.at}`));
  hub.subscribe((event) => heard.push(`two ${textOf(event)} ${event.at}`));
  hub.tell(changed('a'));
  end();
  end();
  hub.tell(changed('b'));
  assert.deepEqual(heard, ['one a 1', 'two a 1', 'two b 2']);
});

test('the same listener twice is two', () => {
  const { hub } = hubOf();
  const heard: string[] = [];
  const listener = (event: ControlEvent) => heard.push(textOf(event));
  const end = hub.subscribe(listener);
  hub.subscribe(listener);
  end();
  hub.tell(changed('a'));
  assert.deepEqual(heard, ['a']);
});

test('one that throws keeps nothing from the others', () => {
  const { hub, faults } = hubOf();
  const heard: string[] = [];
  const fault = new Error('no');
  hub.subscribe(() => {
    throw fault;
  });
  hub.subscribe((event) => heard.push(textOf(event)));
  hub.tell(changed('a'));
  assert.deepEqual([heard, faults], [['a'], [fault]]);
});

test('what a listener causes is told after what it was told, to all in the same order', () => {
  const { hub } = hubOf();
  const heard: string[] = [];
  hub.subscribe((event) => {
    heard.push(`one ${textOf(event)}`);
    if (textOf(event) === 'a') hub.tell(changed('b'));
  });
  hub.subscribe((event) => heard.push(`two ${textOf(event)}`));
  hub.tell(changed('a'));
  assert.deepEqual(heard, ['one a', 'two a', 'one b', 'two b']);
});

test('one that leaves while others are told is not told, and one that comes hears what comes after', () => {
  const { hub } = hubOf();
  const heard: string[] = [];
  hub.subscribe(() => {
    end();
    hub.subscribe((event) => heard.push(`late ${textOf(event)}`));
  });
  const end = hub.subscribe(() => heard.push('left'));
  hub.tell(changed('a'));
  assert.deepEqual(heard, []);
  hub.tell(changed('b'));
  assert.deepEqual(heard, ['late b']);
});

test('the last two hundred are kept, oldest first', () => {
  const { hub } = hubOf();
  for (let number = 1; number <= 250; number++) hub.tell(changed(String(number)));
  const texts = hub.recent.map(textOf);
  assert.deepEqual([texts.length, texts[0], texts.at(-1)], [200, '51', '250']);
});
