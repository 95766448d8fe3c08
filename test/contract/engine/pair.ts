import type { TestContext } from 'node:test';
import type { PlaneOptions, TestPlane } from '../../helpers/rigs/plane.ts';
import { startBackend } from '../../helpers/sockets/backends.ts';
import type { Peer } from '../../helpers/sockets/peer.ts';
import type { Start } from '../engine.ts';

export type Read = 'fast' | 'slow' | 'paused';

/** A client and the backend it has reached; nothing has been sent. */
export interface Pair {
  readonly plane: TestPlane;
  readonly client: Peer;
  readonly backend: Peer;
}

export interface PairOptions extends Partial<PlaneOptions> {
  /** How each end reads; fast unless told. */
  readonly client?: Read;
  readonly backend?: Read;
}

export async function connectPair(t: TestContext, start: Start, options: PairOptions = {}): Promise<Pair> {
  const { client: clientReads = 'fast', backend: backendReads = 'fast', ...planeOptions } = options;
  const listener = await startBackend(t, undefined, { read: backendReads });
  const plane = await start({ ...planeOptions, backends: [listener.address] });
  const client = await plane.client({ read: clientReads }).connected();
  return { plane, client, backend: await listener.next() };
}
