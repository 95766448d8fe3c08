import { addressText, type IpAddress } from '../../core/address.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import { Lane } from './lane.ts';
import type { Answer, Question } from './message.ts';
import { askByTcp } from './tcp-question.ts';
import { UdpQuestions } from './udp-questions.ts';

export interface NameServerEvents {
  /** It answers nothing any more; the reason is the system's error, or that its time is up. */
  readonly silent: (server: string, reason: string) => void;
  readonly answersAgain: (server: string) => void;
}

/** Answered by every name server itself (RFC 6761), so it tells a dead one from one that waits for a dead zone. */
const PROBE: Question = { name: 'localhost', family: 4 };
/** From one probe to the next while it is silent. */
const PROBE_EVERY_MS = 5_000;

/** One name server: asks it, and knows whether it answers at all. */
export class NameServer {
  readonly #address: IpAddress;
  readonly #clock: Clock;
  readonly #events: NameServerEvents;
  readonly #lane: Lane;
  readonly #udp: UdpQuestions;
  /** By the clock; before the first answer long ago. */
  answeredAt = -Infinity;
  #isProbing = false;
  /** As it was asked for the last time. */
  #isTcp = false;
  #timer: Timer | undefined;
  #isStopped = false;
  #isSilent = false;

  constructor(address: IpAddress, clock: Clock, events: NameServerEvents) {
    this.#address = address;
    this.#clock = clock;
    this.#events = events;
    this.#lane = new Lane(clock);
    this.#udp = new UdpQuestions(address);
  }

  /** It answers nothing, or perhaps nothing: others are asked first. */
  get isDoubtful(): boolean {
    return this.#isSilent || this.#isProbing;
  }

  /** Waits for its turn. @param wasSilent when the name was asked for the last time @throws the system's error, or at an abort */
  ask(question: Question, how: { readonly isTcp: boolean; readonly wasSilent: boolean }, signal: AbortSignal) {
    this.#isTcp = how.isTcp;
    return this.#lane.run(() => this.#exchange(question, how.isTcp, signal), how.wasSilent);
  }

  /** A question got no answer for so long: has it none for any? */
  suspect(timeoutMs: number, reason = `no answer in ${timeoutMs} ms`): void {
    if (this.#isProbing || this.#isStopped || this.#isSilent) return;
    void this.#probe(timeoutMs, reason);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  async #exchange(question: Question, isTcp: boolean, signal: AbortSignal): Promise<Answer> {
    const answer = isTcp ? undefined : await this.#udp.ask(question, signal);
    const whole = answer?.isTruncated === false ? answer : await askByTcp(this.#address, question, signal);
    this.#heard();
    return whole;
  }

  #heard(): void {
    this.answeredAt = this.#clock.now();
    if (!this.#isSilent) return;
    this.#isSilent = false;
    this.#timer?.cancel();
    this.#events.answersAgain(addressText(this.#address));
  }

  async #probe(timeoutMs: number, reason: string): Promise<void> {
    this.#isProbing = true;
    const beganAt = this.#clock.now();
    const late = new AbortController();
    const limit = this.#clock.after(timeoutMs, () => late.abort());
    let why = reason;
    try {
      await this.#exchange(PROBE, this.#isTcp, late.signal);
    } catch (thrown) {
      if (!late.signal.aborted) why = asError(thrown).message;
    }
    limit.cancel();
    this.#isProbing = false;
    if (this.#isStopped || this.answeredAt >= beganAt) return;
    if (!this.#isSilent) this.#events.silent(addressText(this.#address), why);
    this.#isSilent = true;
    this.#timer = this.#clock.after(PROBE_EVERY_MS, () => void this.#probe(timeoutMs, reason));
  }
}
