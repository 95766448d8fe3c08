import type { IpAddress, SocketAddress } from '../../core/address.ts';
import type { Cause } from '../../core/cause.ts';
import type { DatagramOwner, DatagramPair } from '../../core/datagrams.ts';
import type { PairEnd } from '../../core/engine.ts';
import { clientIpAddress } from '../../wire/client-address.ts';
import { Connection } from './connection.ts';
import { causeOfEnd } from './end-cause.ts';
import type { DatagramSummary } from './access-log.ts';
import type { Summary } from './recorder.ts';
import { CONNECTED, NONE, type ServerParts } from './session.ts';

/**
 * A session of UDP: a connection whose dial proves nothing, whose backend may be refused while it is relayed, and that
 * ends when it is silent.
 */
export class DatagramConnection extends Connection implements DatagramOwner {
  /** Answers that each request awaits, at least; 0 where nobody knows. */
  readonly #responses: number;
  #rxDatagrams = 0;
  #txDatagrams = 0;
  #backendAddress: SocketAddress | undefined;
  /** The backend that it has now. */
  #isAnswered = false;
  #wasRefused = false;
  /** Milliseconds of the engine's clock: it is known to have moved a datagram then. */
  #lastMovedAt: number;

  constructor(server: ServerParts, pair: DatagramPair, number: number) {
    super(server, pair, number);
    this.#responses = server.settings.limits.udp?.maxResponses ?? 0;
    this.#lastMovedAt = server.clock.now();
  }

  override dialled(to: SocketAddress): void {
    this.#backendAddress = to;
    this.#isAnswered = false;
    super.dialled(to);
  }

  /** As a dial that failed: it counts, and the session gets another backend, or waits for one, or is closed. */
  refused(code: string): void {
    if (this.stage !== CONNECTED || this.#backendAddress === undefined) return;
    this.#wasRefused = true;
    // What failed before the last answer is no reason to give up.
    if (this.#isAnswered) this.tried = NONE;
    this.dialFailed({ failure: 'refused', code, to: this.#backendAddress, from: undefined });
  }

  movedDatagrams(rx: number, tx: number): void {
    this.#rxDatagrams += rx;
    this.#txDatagrams += tx;
    this.#lastMovedAt = this.server.clock.now();
    const { outliers, recorder } = this.server;
    const backend = this.elected();
    recorder.movedDatagrams(backend, rx, tx);
    if (rx === 0 || this.#isAnswered) return;
    this.#isAnswered = true;
    recorder.reached(backend);
    outliers.answered(this.pair, backend);
  }

  /** Whether nothing is to be expected of it: its answers have come, and it has moved nothing for so long. */
  isQuiet(ms: number): boolean {
    return this.stage === CONNECTED && !this.#isAwaiting && this.server.clock.now() - this.#lastMovedAt >= ms;
  }

  /** Ends it in order. */
  finish(): void {
    this.giveUp('--');
  }

  /** A backend of the client's family sees the client's own address, where that is asked for. */
  override sourceFor(to: SocketAddress): IpAddress | undefined {
    if (this.server.settings.limits.udp?.isTransparent !== true || 'path' in to) return super.sourceFor(to);
    const client = clientIpAddress(this.clientAddress);
    return client.ip.includes(':') === to.ip.includes(':') ? client : super.sourceFor(to);
  }

  override summary(): Summary & DatagramSummary {
    return {
      ...super.summary(),
      outcome: this.#outcome(),
      rxDatagrams: this.#rxDatagrams,
      txDatagrams: this.#txDatagrams,
    };
  }

  /** That the kernel has a socket for it says nothing about the backend. */
  protected override noteReached(): void {
    // an answer does
  }

  protected override causeAt(end: PairEnd, backendHadFinished: boolean): Cause {
    if (isIdle(end)) return this.#isAwaiting ? 'sD' : '--';
    return causeOfEnd(end, backendHadFinished);
  }

  /** Silence is a failure where answers were awaited: of a session without any, or of one whose client goes on asking. */
  protected override judge(end: PairEnd): void {
    if (this.stage !== CONNECTED || !isIdle(end) || !this.#isAwaiting) return;
    if (end === 'client-idle' && (this.#rxDatagrams > 0 || this.#hasMadeRoom)) return;
    this.server.outliers.failed(this.pair, this.elected(), 'ETIMEDOUT');
  }

  /** It was ended for the sake of another before its client was silent for so long: its backend may have been about to answer. */
  get #hasMadeRoom(): boolean {
    const { clientIdleMs } = this.server.settings.limits;
    return clientIdleMs === 0 || this.elapsed() < 10 * clientIdleMs;
  }

  get #isAwaiting(): boolean {
    return this.#rxDatagrams < this.#responses * this.#txDatagrams;
  }

  #outcome(): DatagramSummary['outcome'] {
    if (this.#rxDatagrams > 0) return 'answered';
    if (this.#wasRefused) return 'refused';
    return this.#isAwaiting ? 'silent' : 'one-way';
  }
}

function isIdle(end: PairEnd): boolean {
  return end === 'client-idle' || end === 'backend-idle';
}
