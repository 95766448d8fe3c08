import type { Peeker, PeekResult } from '../../../core/engine.ts';
import type { ProxyIn } from '../../../core/proxy-protocol.ts';
import { decodeProxyHeader } from '../../../wire/proxy-protocol/decode.ts';
import type { ProxyHeader } from '../../../wire/proxy-protocol/header.ts';
import { isTrusted } from '../proxy-trust.ts';
import type { Session, Step, StepResult } from '../session.ts';

/** Reads the header of the PROXY protocol, where clients send one: the client is then the one that it names. */
export const proxyHeader: Step = {
  enter(session) {
    const { settings, recorder } = session.server;
    const accept = settings.limits.proxyIn;
    // A datagram's header has been read before it comes here.
    if (accept === undefined || settings.limits.udp !== undefined) return 'next';
    if (isTrusted(session.clientAddress, accept.from)) {
      new HeaderReader(session, accept).start();
      return 'wait';
    }
    if (!accept.isRequired) return 'next';
    recorder.proxyRefused(session.clientAddress, 'the peer is not in accept_proxy_from');
    return 'PR';
  },
};

/** Waits for the bytes of one header, and for nothing after it. */
class HeaderReader implements Peeker {
  readonly #session: Session;
  readonly #accept: ProxyIn;
  readonly #deadline: number;

  constructor(session: Session, accept: ProxyIn) {
    this.#session = session;
    this.#accept = accept;
    this.#deadline = session.server.clock.now() + accept.timeoutMs;
  }

  start(): void {
    this.#ask(1);
  }

  peeked(bytes: Uint8Array, result: PeekResult): void {
    const read = decodeProxyHeader(bytes);
    if ('source' in read) return this.#take(read);
    if ('problem' in read) {
      if (read.isForeign && !this.#accept.isRequired) return this.#goOn('next');
      return this.#refuse(read.problem, bytes, 'PR');
    }
    if (result === 'enough') return this.#ask(read.need);
    if (!this.#accept.isRequired) return this.#goOn('next');
    if (result === 'timeout') return this.#refuse('it did not come in time', bytes, 'cR');
    // Load balancers look whether there is somebody by connecting and closing.
    if (bytes.length === 0) return this.#goOn('CR');
    this.#refuse('the client finished within it', bytes, 'CR');
  }

  #take(header: ProxyHeader): void {
    const session = this.#session;
    session.pair.take(header.length);
    session.proxyTlvs = header.tlvs;
    if (header.source !== '') {
      session.clientAddress = header.source;
      session.destination = header.destination;
    }
    this.#goOn('next');
  }

  #refuse(problem: string, bytes: Uint8Array, cause: StepResult): void {
    const { clientAddress, server } = this.#session;
    server.recorder.proxyRefused(clientAddress, problem, bytes);
    this.#goOn(cause);
  }

  #ask(atLeast: number): void {
    this.#session.pair.peek({ atLeast, deadline: this.#deadline }, this);
  }

  #goOn(result: StepResult): void {
    this.#session.goOn(proxyHeader, result);
  }
}
