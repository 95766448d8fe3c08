import type { Cause } from '../../core/cause.ts';
import type { ConnectionStage } from '../../core/connection-list.ts';
import type { Candidate } from '../../core/snapshot.ts';
import { clientAddressText } from '../../wire/client-address.ts';
import { proxySummary } from './proxy-log.ts';
import type { Summary } from './recorder.ts';
import { CONNECTED, RESERVED, Session, WAITING } from './session.ts';

/** What observers see of a connection: in lists, and in its line of the access log. */
export abstract class ObservedSession extends Session {
  /** Decided by us before the pair ends. */
  protected cause: Cause | undefined;
  /** From the backend, as the engine has last reported them: about once a second. */
  rxBytes = 0;
  /** To the backend, likewise. */
  txBytes = 0;
  protected connectedAfter = 0;

  /** Undefined once it is being closed. */
  get stageName(): ConnectionStage | undefined {
    if (this.cause !== undefined) return undefined;
    if (this.isConnected) return 'connected';
    return this.stage === WAITING ? 'queued' : 'connecting';
  }

  /** The backend that it is connected to, or that is being dialled. */
  get currentBackend(): Candidate | undefined {
    return this.stage >= RESERVED ? this.backend : undefined;
  }

  get serverName(): string {
    return this.server.name;
  }

  get clientText(): string {
    return clientAddressText(this.clientAddress);
  }

  /** What there is to say of it so far. */
  summary(): Summary {
    const elapsed = this.elapsed();
    return {
      client: this.clientText,
      ...proxySummary(this),
      backend: this.isConnected ? this.backend : undefined,
      tried: this.tried.map(({ key }) => key),
      rxBytes: this.rxBytes,
      txBytes: this.txBytes,
      queueMs: this.electedAfter / 10,
      connectMs: ((this.isConnected ? this.connectedAfter : elapsed) - this.electedAfter) / 10,
      totalMs: elapsed / 10,
      ...this.hello?.summary(),
    };
  }

  protected get isConnected(): boolean {
    return this.stage === CONNECTED;
  }
}
