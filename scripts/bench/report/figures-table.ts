import { FIGURES, type Figure, numberText } from '../figures.ts';
import type { Plan } from '../rounds.ts';
import { titleOf } from '../subjects/registry.ts';
import { WORKS } from '../works/registry.ts';
import { markdownTable } from './markdown.ts';
import type { Summary } from './summary.ts';

/** All figures with so many threads: a line for each figure of each work, a column for each subject. */
export function figuresTable({ works, subjects }: Plan, summary: Summary, threads: number): string {
  const rows = works.flatMap((work) =>
    (Object.keys(FIGURES) as Figure[]).flatMap((figure) => {
      const values = subjects.map((subject) => summary.median({ threads, work, subject }, figure));
      if (values.every((value) => value === undefined)) return [];
      const cells = subjects.map((subject, column) => {
        if (summary.hasFailed({ threads, work, subject })) return 'failed';
        const value = values[column];
        return value === undefined ? '' : numberText(value);
      });
      const { title, unit } = FIGURES[figure];
      return [[`${WORKS[work].title}: ${title}, ${unit}`, ...cells]];
    }),
  );
  return markdownTable(['', ...subjects.map(titleOf)], rows);
}
