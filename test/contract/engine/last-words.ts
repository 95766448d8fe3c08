import assert from 'node:assert/strict';
import { join } from 'node:path';
import { temporaryFolder } from '../../helpers/processes/cli.ts';
import { startPairs } from '../../helpers/sockets/pairs.ts';
import { KIB, payload } from '../../helpers/sockets/payload.ts';
import type { Check, EngineUnderTest } from '../engine.ts';

const WORDS = Buffer.from('no backend for this name');

/** What a client is told before it is closed without a backend. */
export function lastWords(check: Check, { kind }: EngineUnderTest): void {
  for (const [what, sent, seen] of [
    ['has sent nothing', '', 0],
    ['has sent what was seen', 'hello', 5],
    ['has sent more than was seen', payload(100 * KIB), 5],
  ] as const) {
    check(`last words reach a client that ${what}, and then the end`, async (t) => {
      const pairs = await startPairs(t, kind);
      const client = await pairs.accept();
      if (sent !== '') await client.send(sent);
      if (seen > 0) {
        pairs.peek({ pair: 0, atLeast: seen, ms: 60_000 });
        await pairs.seen(0);
      }
      pairs.order({ type: 'close', pair: 0, lastWords: WORDS });
      await client.until('the words and the end', () => client.hasEnded);
      assert.equal(client.text, WORDS.toString());
      await client.finish();
      assert.equal(await pairs.ended(0), 'cut');
    });
  }

  check('a client that has finished is told, and ends at once', async (t) => {
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    await client.finish('hello');
    pairs.peek({ pair: 0, atLeast: 10, ms: 60_000 });
    await pairs.seen(0);
    pairs.order({ type: 'close', pair: 0, lastWords: WORDS });
    assert.equal(await pairs.ended(0), 'cut');
    await client.closed();
    assert.equal(client.text, WORDS.toString());
  });

  check('what a client sends after its last words is dropped', async (t) => {
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    pairs.order({ type: 'close', pair: 0, lastWords: WORDS });
    await client.until('the end', () => client.hasEnded);
    await client.finish(payload(100 * KIB));
    assert.equal(await pairs.ended(0), 'cut');
    assert.equal(client.text, WORDS.toString());
  });

  check('a client that neither sends nor finishes is closed after a second', async (t) => {
    const pairs = await startPairs(t, kind);
    const client = await pairs.accept();
    pairs.order({ type: 'close', pair: 0, lastWords: WORDS });
    assert.equal(await pairs.ended(0), 'cut');
    assert.equal(client.text, WORDS.toString());
  });

  check('last words end by a reset, be it of the client or our own', async (t) => {
    const pairs = await startPairs(t, kind);
    const clients = await pairs.acceptMany(2);
    for (const pair of [0, 1]) pairs.order({ type: 'close', pair, lastWords: WORDS });
    for (const client of clients) await client.until('the words', () => client.text === WORDS.toString());
    pairs.order({ type: 'reset', pair: 0 });
    clients[1]?.reset();
    assert.equal(await pairs.ended(0), 'cut');
    await pairs.ended(1);
  });

  check('a client of a unix socket is told, too', async (t) => {
    const pairs = await startPairs(t, kind, { path: join(temporaryFolder(t), 'x.sock') });
    const client = await pairs.accept();
    await client.send('hello');
    pairs.order({ type: 'close', pair: 0, lastWords: WORDS });
    await client.until('the end', () => client.hasEnded);
    assert.equal(client.text, WORDS.toString());
    await client.finish();
    assert.equal(await pairs.ended(0), 'cut');
  });
}
