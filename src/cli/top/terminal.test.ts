import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';

import { Terminal } from './terminal.ts';

const NOTHING = { key: () => undefined, resized: () => undefined, closed: () => undefined };

test('nothing is cleared behind a line, which may be as wide as the terminal', () => {
  const input = Object.assign(new PassThrough(), { setRawMode: () => undefined });
  const output = Object.assign(new PassThrough({ encoding: 'utf8' }), { columns: 3, rows: 2, fd: -1 });
  const terminal = new Terminal(
    input as unknown as NodeJS.ReadStream,
    output as unknown as NodeJS.WriteStream & { fd: number },
    NOTHING,
  );
  terminal.enter();
  output.read();
  terminal.draw(['abc', 'd']);
  const frame = output.read() as string;
  terminal.leave();
  assert.match(frame, /\x1b\[H\x1b\[Kabc\r\n\x1b\[Kd\x1b\[\?2026l$/);
});
