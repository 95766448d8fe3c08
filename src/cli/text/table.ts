import { visible } from '../../config/problem/diagnostic-line.ts';
import { padded, type Side, widthOf } from './columns.ts';
import type { Format, Style } from './style.ts';

export interface TableColumn {
  readonly title: string;
  readonly side?: Side;
}

export type TableCell = string | { readonly text: string; readonly format: Format };

const GAP = '  ';

/** Rows below the titles of their columns, each as wide as its widest text; blanks never end a line. */
export function tableText(
  columns: readonly TableColumn[],
  rows: readonly (readonly TableCell[])[],
  style: Style,
): string {
  const cells = rows.map((row) => row.map(plain));
  const widths = columns.map(({ title }, column) =>
    Math.max(...[title, ...cells.map((row) => row[column]?.text ?? '')].map(widthOf)),
  );
  const line = (row: readonly PlainCell[]): string =>
    columns
      .map(({ side }, column) => {
        const { text, format } = row[column] ?? { text: '' };
        const isLast = column === columns.length - 1 && side !== 'right';
        const whole = isLast ? text : padded(text, widths[column] ?? 0, side);
        return format === undefined || text === '' ? whole : whole.replace(text, () => style(format, text));
      })
      .join(GAP)
      .trimEnd();
  const titles = columns.map(({ title }) => ({ text: title, format: 'bold' as const }));
  return [titles, ...cells].map((row) => `${line(row)}\n`).join('');
}

interface PlainCell {
  readonly text: string;
  readonly format?: Format;
}

function plain(cell: TableCell): PlainCell {
  return typeof cell === 'string' ? { text: visible(cell) } : { ...cell, text: visible(cell.text) };
}
