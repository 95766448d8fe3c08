import type { Peeker, PeekResult } from '../../../core/engine.ts';
import type { HelloOutcome, ServerNameRules } from '../../../core/server-names.ts';
import { ClientHello } from '../../../wire/client-hello/client-hello.ts';
import { hostNameOf, visibleText } from '../../../wire/client-hello/host-name.ts';
import { HelloMemory } from '../hello-memory.ts';
import { HelloSeen } from '../hello-seen.ts';
import { NONE, type Session, type Step, type StepResult } from '../session.ts';

/** Looked at again where they lie; what is more, or is looked at more often, is taken, so that no byte is copied often. */
const MOST_LEFT_BYTES = 4 * 1024;
const MOST_LOOKS = 2;
/** Waited for at once. */
const MOST_AWAITED_BYTES = 4 * 1024;

/** Fatal unrecognized_name (RFC 6066, 3), in a record: browsers come back up to ten times after a bare close. */
const UNRECOGNIZED_NAME = Uint8Array.of(0x15, 3, 3, 0, 2, 2, 0x70);

/**
 * Reads the name that a TLS client asks for, without taking its bytes from the backend. A client for whose name there is no
 * backend is closed; one without a name, or without TLS, by the rules of the server.
 */
export const tlsName: Step = {
  enter(session) {
    const rules = session.server.settings.limits.serverNames;
    if (rules === undefined) return 'next';
    new HelloReader(session, rules).look();
    return 'wait';
  },
  leave({ helloMemory }) {
    helloMemory?.free();
  },
};

class HelloReader implements Peeker {
  readonly #session: Session;
  readonly #rules: ServerNameRules;
  readonly #hello: ClientHello;
  readonly #wantsProtocols: boolean;
  readonly #deadline: number;
  /** Bytes in the socket that were read. */
  #seen = 0;
  #looks = 0;
  /** Of a hello, once it is known: as received, and as backends are found by it. */
  #sni = '';
  #tlsName = '';

  constructor(session: Session, rules: ServerNameRules) {
    const { clock, picker, settings } = session.server;
    this.#session = session;
    this.#rules = rules;
    this.#hello = new ClientHello(rules.mostBytes);
    this.#wantsProtocols = picker.wantsProtocols || settings.limits.proxyOut?.tlvs.includes('alpn') === true;
    this.#deadline = clock.now() - session.elapsed() / 10 + rules.readTimeoutMs;
  }

  look(): void {
    // The first byte tells whether it is TLS.
    const more = this.#looks === 0 ? 1 : Math.min(this.#hello.lacks, MOST_AWAITED_BYTES);
    this.#session.pair.peek({ atLeast: this.#seen + more, deadline: this.#deadline }, this);
  }

  peeked(bytes: Uint8Array, result: PeekResult): void {
    this.#hello.push(this.#seen === 0 ? bytes : bytes.subarray(this.#seen));
    this.#seen = bytes.length;
    this.#looks += 1;
    const outcome = this.#outcome(result);
    if (outcome !== undefined) return this.#goOn(this.#concluded(outcome));
    if (this.#looks < MOST_LOOKS && bytes.length <= MOST_LEFT_BYTES) return this.look();
    if (!this.#take(bytes)) return this.#goOn('RC');
    this.look();
  }

  /** @returns undefined while it is not known */
  #outcome(result: PeekResult): HelloOutcome | undefined {
    const hello = this.#hello;
    if (hello.isHello(this.#wantsProtocols)) return this.#readName() === '' ? 'no_name' : 'named';
    if (hello.state === 'not-tls') return 'not_tls';
    if (hello.state === 'too-long') return 'too_long';
    if (result === 'finished') return 'cut_short';
    return result === 'timeout' ? 'timed_out' : undefined;
  }

  #readName(): string {
    const { name } = this.#hello;
    if (name !== undefined) this.#sni = visibleText(name);
    this.#tlsName = hostNameOf(this.#sni);
    return this.#tlsName;
  }

  /** @returns false when there is no memory for them */
  #take(bytes: Uint8Array): boolean {
    this.#session.helloMemory ??= new HelloMemory();
    const isTaken = this.#session.helloMemory.add(bytes);
    if (isTaken) this.#session.pair.take(bytes.length);
    else this.#session.server.recorder.lacksHelloMemory();
    this.#seen = 0;
    return isTaken;
  }

  /** What becomes of the client. */
  #concluded(outcome: HelloOutcome): StepResult {
    const { server } = this.#session;
    const isHello = outcome === 'named' || outcome === 'no_name';
    const { protocols, bytes, records } = this.#hello;
    const hello = new HelloSeen({
      outcome,
      sni: this.#sni,
      tlsName: this.#tlsName,
      alpn: isHello && protocols.length > 0 ? protocols.map(visibleText) : NONE,
      bytes,
      records,
      lastWords: isHello ? UNRECOGNIZED_NAME : undefined,
    });
    this.#session.hello = hello;
    server.recorder.concludedHello(outcome);
    if (outcome === 'timed_out' && this.#rules.silent === 'close') return 'cR';
    if (outcome === 'cut_short' && bytes === 0) return 'CR';
    const isPlain = outcome === 'not_tls' || outcome === 'cut_short';
    if (outcome === 'too_long' || (isPlain && this.#rules.plain === 'close')) return this.#refused(outcome);
    return server.picker.expects(hello) ? 'next' : this.#refused(outcome);
  }

  #refused(outcome: HelloOutcome): StepResult {
    this.#session.server.recorder.refusedHello(outcome);
    return 'PR';
  }

  #goOn(result: StepResult): void {
    this.#session.goOn(tlsName, result);
  }
}
