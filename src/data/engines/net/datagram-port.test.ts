import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatagramPort, type PortTools } from './datagram-port.ts';

test('a client without a port cannot be answered, and does no harm', (t) => {
  const port = new DatagramPort('127.0.0.1', { bounds: { receiveBufferBytes: 65_536 } } as PortTools);
  t.after(() => port.close());
  const told: unknown[] = [];
  port.open(0, (error) => told.push(error));
  const client = { clientAddress: '', clientIp: '127.0.0.1', clientPort: 0, key: '' };
  port.answer(client, Buffer.from('answer'), (error, bytes) => told.push(error instanceof Error, bytes));
  assert.deepEqual(told, [undefined, true, 0]);
});
