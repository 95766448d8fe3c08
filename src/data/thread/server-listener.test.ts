import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeEngine } from '../../../test/helpers/fakes/fake-engine.ts';
import type { DatagramBounds, DatagramEngine } from '../../core/datagrams.ts';
import type { UdpLimits } from '../../core/limits.ts';
import type { Frontend } from '../session/frontend.ts';
import { ServerListener } from './server-listener.ts';

const UDP: UdpLimits = {
  isOneWay: false,
  maxRequests: 0,
  maxResponses: 0,
  isTransparent: false,
  maxSessions: 10,
  receiveBufferBytes: 65_536,
};

/** A bind of UDP that is not opened, and what it tells its server. */
function listening(maySpeakAsClient: boolean) {
  const told: string[] = [];
  const adjusted: DatagramBounds[] = [];
  const datagrams = {
    maySpeakAsClient: () => maySpeakAsClient,
    listen: () => ({
      adjust(bounds: DatagramBounds) {
        adjusted.push(bounds);
        return 8_192;
      },
      close: () => undefined,
    }),
  };
  const engine: DatagramEngine = Object.assign(new FakeEngine(), { datagrams });
  const server = {
    cannotSpeakAsClient: () => told.push('cannot speak as client'),
    smallReceiveBuffer: (bytes: number, wanted: number) => told.push(`${bytes} of ${wanted}`),
  } as unknown as Frontend;
  const where = { address: { ip: '127.0.0.1', port: 53, protocol: 'udp' } } as const;
  const listener = new ServerListener({ where, server, udp: UDP }, engine, () => undefined);
  return { told, adjusted, letIn: (udp: Partial<UdpLimits>) => listener.letInTo(server, { ...UDP, ...udp }) };
}

test('a missing capability is told when transparent is asked for, and not at each reload', () => {
  const { told, letIn } = listening(false);
  letIn({});
  assert.deepEqual(told, []);
  for (let n = 0; n < 3; n++) letIn({ isTransparent: true });
  assert.deepEqual(told, ['cannot speak as client']);
  letIn({});
  letIn({ isTransparent: true });
  assert.equal(told.length, 2);
});

test('with the capability nothing is told', () => {
  const { told, letIn } = listening(true);
  letIn({ isTransparent: true });
  assert.deepEqual(told, []);
});

test('an open bind is told of changed bounds alone, and its server of a buffer that is too small', () => {
  const { told, adjusted, letIn } = listening(true);
  letIn({});
  letIn({ maxSessions: 20, receiveBufferBytes: 16_384 });
  letIn({ maxSessions: 20, receiveBufferBytes: 16_384 });
  assert.deepEqual(adjusted, [{ mostSessions: 20, receiveBufferBytes: 16_384 }]);
  assert.deepEqual(told, ['8192 of 16384']);
});
