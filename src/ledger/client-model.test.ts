import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { ClientModel, type Refusal } from '../../test/helpers/models/client-model.ts';
import { scramble } from '../../test/helpers/models/scramble.ts';
import { ClientTable } from './client-table.ts';
import { FULL, OVER_CLIENT_LIMIT, OVER_CLIENT_RATE, ThreadClients, type ClientRules } from './thread-clients.ts';

const THREADS = 3;
const CLIENTS = 6;
const START_MS = 2 ** 32;

interface Step {
  readonly kind: 'enter' | 'leave' | 'wait' | 'stopWaiting' | 'stick' | 'stuckTo' | 'pass' | 'die' | 'dieAtWork';
  readonly thread: number;
  readonly client: number;
  /** A serial, a time in eighths of a millisecond, or one of two ways to write an address. */
  readonly number: number;
}

const kinds = fc.oneof(
  { weight: 10, arbitrary: fc.constant('enter' as const) },
  { weight: 12, arbitrary: fc.constantFrom('leave', 'wait', 'stopWaiting', 'stick', 'stuckTo', 'pass') },
  { weight: 1, arbitrary: fc.constantFrom('die', 'dieAtWork') },
);
const steps = fc.array(
  fc.record<Step>({ kind: kinds, thread: fc.nat(THREADS - 1), client: fc.nat(CLIENTS - 1), number: fc.nat(40) }),
  { minLength: 1, maxLength: 150, size: 'max' },
);
const rules = fc.record<ClientRules>({
  maxConnections: fc.nat(4),
  maxWaiting: fc.nat(2),
  rate: fc.option(fc.record({ burst: fc.integer({ min: 1, max: 4 }), perMs: fc.constantFrom(0, 1 / 8, 1) }), {
    nil: undefined,
  }),
  stickyMs: fc.constantFrom(0, 2, 10),
  prefixV6: fc.constant(128),
});

function enter(thread: ThreadClients, { client, number }: Step, nowMs: number): number | Refusal {
  const ip = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, client);
  const answer = number % 2 === 0 ? thread.enter(ip, 16, nowMs) : thread.enter(ip.subarray(12), 4, nowMs);
  if (answer === OVER_CLIENT_LIMIT) return 'too many';
  if (answer === OVER_CLIENT_RATE) return 'too fast';
  return answer === FULL ? 'full' : answer;
}

/** One step of a thread, on the table and on the model of it. */
function take(thread: ThreadClients, model: ClientModel, step: Step, nowMs: number): void {
  const { kind, client } = step;
  if (kind === 'enter') {
    assert.equal(enter(thread, step, nowMs), model.enter(step.thread, client, nowMs));
    return;
  }
  const { entry, active, waiting } = model.held(step.thread, client);
  if (active === 0) return;
  if (kind === 'leave' && active > waiting) {
    thread.leave(entry);
    model.leave(step.thread, client);
  } else if (kind === 'wait' && active > waiting) {
    assert.equal(thread.wait(entry), model.wait(step.thread, client));
  } else if (kind === 'stopWaiting' && waiting > 0) {
    thread.stopWaiting(entry);
    model.stopWaiting(step.thread, client);
  } else if (kind === 'stick') {
    thread.stick(entry, { to: step.number }, nowMs);
    model.stick(client, step.number, nowMs);
  } else if (kind === 'stuckTo') {
    assert.equal(thread.stuckTo(entry, nowMs), model.stuckTo(client, nowMs));
  }
}

test('whatever threads do in whatever order, and however they die, the table knows what a model knows', () => {
  fc.assert(
    fc.property(steps, rules, fc.integer({ min: 1, max: CLIENTS }), (sequence, ofServer, entries) => {
      const table = new ClientTable(entries);
      const model = new ClientModel(entries, ofServer, THREADS);
      const open = (number: number) => new ThreadClients(table.open(number), ofServer);
      const threads = Array.from({ length: THREADS }, (_, number) => open(number));
      let nowMs = START_MS;
      for (const step of sequence) {
        const { kind, thread } = step;
        if (kind === 'pass') nowMs += step.number / 8;
        else if (kind === 'die' || kind === 'dieAtWork') {
          if (kind === 'dieAtWork') scramble(table.open(thread));
          table.reclaim(thread);
          model.reclaim(thread, kind === 'dieAtWork');
          threads[thread] = open(thread);
        } else take(threads[thread]!, model, step, nowMs);
        assert.deepEqual(table.totals(), model.totals());
      }
      for (let thread = 0; thread < THREADS; thread++) table.reclaim(thread);
      assert.equal(table.totals().connected, 0);
    }),
    { numRuns: 600 },
  );
});
