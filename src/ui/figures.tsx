import type { Cell } from '../view/cells.ts';
import type { Column } from '../view/columns.ts';
import type { Status } from '../view/status.ts';

/** As src/control/dashboard/table-html.ts draws them without script. */
export function StatusCell({ status: { word, tone, note } }: { readonly status: Status }) {
  return (
    <td class="state" data-label="State">
      <span class={`badge ${tone}`}>{word}</span>
      <span class="note" title={note}>
        {note}
      </span>
    </td>
  );
}

export function FigureCell({ column, cell }: { readonly column: Column; readonly cell: Cell | undefined }) {
  if (cell === undefined) return <td class="number none" />;
  const look = cell.isAlarming === true ? ' alarming' : cell.value === 0 ? ' zero' : '';
  return (
    <td class={`number${look}`} data-label={column.label} title={cell.title ?? ''}>
      {cell.text}
    </td>
  );
}
