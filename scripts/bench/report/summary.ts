import { type Figure, median } from '../figures.ts';
import type { Results } from '../rounds.ts';
import type { SubjectName } from '../subjects/registry.ts';
import type { WorkName } from '../works/registry.ts';

export interface Cell {
  readonly threads: number;
  readonly work: WorkName;
  readonly subject: SubjectName;
}

/** Medians over the rounds. */
export class Summary {
  readonly #values = new Map<string, number[]>();
  readonly #failed = new Set<string>();

  constructor({ samples, failures }: Results) {
    for (const sample of samples) {
      for (const [figure, value] of Object.entries(sample.figures)) {
        const key = `${keyOf(sample)} ${figure}`;
        const values = this.#values.get(key);
        if (values === undefined) this.#values.set(key, [value]);
        else values.push(value);
      }
    }
    for (const failure of failures) this.#failed.add(keyOf(failure));
  }

  /** True when a run of the work failed in any round: the others then count for nothing. */
  hasFailed(cell: Cell): boolean {
    return this.#failed.has(keyOf(cell));
  }

  /** @returns undefined when it was not measured, or a run of it failed */
  median(cell: Cell, figure: Figure): number | undefined {
    const values = this.#values.get(`${keyOf(cell)} ${figure}`);
    return values === undefined || this.hasFailed(cell) ? undefined : median(values);
  }
}

function keyOf({ threads, work, subject }: Cell): string {
  return `${threads} ${work} ${subject}`;
}
