import type { DatagramOwner, DatagramPair } from '../../../src/core/datagrams.ts';
import { FakePair } from './fake-engine.ts';

/** A session of UDP of no sockets. */
export class FakeDatagramPair extends FakePair implements DatagramPair {
  declare owner: DatagramOwner;

  /** The host of the backend says that nobody listens. */
  refuses(code = 'ECONNREFUSED'): void {
    this.allow('refuse', 'relaying');
    this.state = 'failed';
    this.tell(() => this.owner.refused(code));
  }

  /** Datagrams of ten bytes each. */
  carries(rx: number, tx: number): void {
    this.moves(10 * rx, 10 * tx);
    this.tell(() => this.owner.movedDatagrams(rx, tx));
  }
}
