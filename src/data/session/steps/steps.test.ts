import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';

import { fronting } from '../../../../test/helpers/rigs/frontend.ts';
import type { Cause } from '../../../core/cause.ts';
import type { PeekResult } from '../../../core/engine.ts';
import { ClientTable } from '../../../ledger/client-table.ts';
import type { Session, Step } from '../session.ts';
import { STEPS } from './steps.ts';

test('every file of the folder is a step of the list', () => {
  const files = readdirSync(new URL('.', import.meta.url)).filter((file) => /^(?!steps)[\w-]+\.js$/.test(file));
  assert.equal(STEPS.length, files.length, files.join());
});

/** A step that waits for a client's first byte, and closes those that send none or a `!`. */
const firstByte: Step = {
  enter(session) {
    session.pair.peek({ atLeast: 1, deadline: 2_000 }, new FirstByte(session));
    return 'wait';
  },
};

class FirstByte {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  peeked(bytes: Uint8Array, result: PeekResult): void {
    const isGood = result === 'enough' && bytes[0] !== 0x21;
    this.#session.goOn(firstByte, isGood ? 'next' : ('PR' satisfies Cause));
  }
}

/** As the last step, and before the server's limit. */
for (const [where, steps] of [
  ['last', [...STEPS, firstByte]],
  ['first', [firstByte, ...STEPS]],
] as const) {
  describe(`a step that waits, ${where} of all`, () => {
    const start = () => {
      const front = fronting({ steps, clients: new ClientTable(64), limits: { maxConnections: 1 } });
      const pair = front.accept();
      assert.deepEqual([pair.state, pair.dials.length], ['accepted', 0]);
      const finish = () => {
        pair.ends('cut');
        assert.deepEqual([front.ledger.serverTotals().active, front.ledger.active(0)], [0, 0]);
        return front.entries()[0]?.cause;
      };
      return { front, pair, finish };
    };

    test('goes on to the other steps and the election once it is content', () => {
      const { front, pair, finish } = start();
      pair.shows(Buffer.from('x'), 'enough');
      assert.deepEqual([pair.state, front.ledger.serverTotals().active], ['dialling', 1]);
      const second = front.accept();
      if (where === 'first') second.shows(Buffer.from('y'), 'enough');
      assert.equal(second.endedBy, 'close', 'the server is full');
      second.ends('cut');
      finish();
    });

    test('closes its connection with a cause', () => {
      const { pair, finish } = start();
      pair.shows(Buffer.from('!'), 'enough');
      assert.equal(pair.endedBy, 'close');
      assert.equal(finish(), 'PR');
    });

    test('is over when the client leaves, or the connection is cut', () => {
      const { front, pair, finish } = start();
      front.frontend.cut();
      assert.equal(pair.endedBy, 'reset');
      assert.equal(finish(), 'KC');
      const other = front.accept();
      other.ends('client-reset');
      assert.equal(front.entries()[1]?.cause, 'CR');
      assert.equal(front.ledger.serverTotals().active, 0);
    });
  });
}
