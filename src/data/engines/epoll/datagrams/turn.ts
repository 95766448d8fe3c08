import type { Loop } from '../../linux/loop.ts';
import type { AnswerBatch } from '../../linux/answer-batch.ts';

/** What tells its owner something at the end of an iteration, as an engine calls nobody back from within a call. */
export interface Settled {
  isUnsettled: boolean;
  settle(): void;
}

/** What is done once at the end of an iteration: the answers that have gathered leave, and then owners are told. */
export class Turn {
  readonly #loop: Loop;
  readonly #answers: AnswerBatch;
  readonly #end = (): void => this.#run();
  #isPlanned = false;
  #unsettled: Settled[] = [];
  /** Empty; takes the place of `#unsettled` while that is worked through. */
  #next: Settled[] = [];

  constructor(loop: Loop, answers: AnswerBatch) {
    this.#loop = loop;
    this.#answers = answers;
  }

  /** There is an answer to be sent. */
  plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#loop.defer(this.#end);
  }

  settle(item: Settled): void {
    if (item.isUnsettled) return;
    item.isUnsettled = true;
    this.#unsettled.push(item);
    this.plan();
  }

  #run(): void {
    this.#isPlanned = false;
    this.#answers.flush();
    const unsettled = this.#unsettled;
    this.#unsettled = this.#next;
    for (const item of unsettled) {
      item.isUnsettled = false;
      item.settle();
    }
    unsettled.length = 0;
    this.#next = unsettled;
  }
}
