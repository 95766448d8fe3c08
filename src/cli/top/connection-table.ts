import { visible } from '../../config/problem/diagnostic-line.ts';
import type { Connection } from '../remote/answers.ts';
import { fitted, type Side } from '../text/columns.ts';
import { bytesText, durationText } from '../../view/format.ts';
import type { Line } from './line.ts';
import type { ConnectionSort, ConnectionView } from './state.ts';

interface ConnectionColumn {
  readonly title: string;
  readonly width: number;
  readonly side?: Side;
  readonly sort?: ConnectionSort;
  text(connection: Connection): string;
}

const COLUMNS: readonly ConnectionColumn[] = [
  { title: 'CLIENT', width: 24, text: ({ client }) => client },
  { title: 'AGE', width: 7, side: 'right', sort: 'age', text: ({ age_ms }) => durationText(age_ms) },
  { title: 'IN', width: 10, side: 'right', sort: 'tx', text: ({ tx }) => bytesText(tx) },
  { title: 'OUT', width: 10, side: 'right', sort: 'rx', text: ({ rx }) => bytesText(rx) },
  { title: 'STAGE', width: 10, text: ({ stage }) => stage },
  { title: 'BACKEND', width: 24, text: ({ backend }) => backend ?? '-' },
  { title: 'QUEUED', width: 7, side: 'right', text: ({ queue_ms }) => (queue_ms === 0 ? '-' : durationText(queue_ms)) },
  { title: 'TRIED', width: 24, text: ({ tried }) => tried.join(' ') },
];

/** Only where a client has told one; before those that a narrow screen may cut off. */
const TLS_NAME: ConnectionColumn = { title: 'TLS NAME', width: 24, text: ({ tls_name }) => tls_name ?? '-' };
const BEFORE_NAME = 6;
const WITH_NAMES = COLUMNS.toSpliced(BEFORE_NAME, 0, TLS_NAME);

/** The titles and the connections that are on the screen; a line is cut at its edge. */
export function connectionTable(view: ConnectionView, page: number): readonly Line[] {
  const { answer, cursor, sort } = view;
  const columns = answer?.connections.some(({ tls_name: name }) => name !== undefined) === true ? WITH_NAMES : COLUMNS;
  const titles = columns.map(({ title, width, side, sort: by }) =>
    fitted(title + (by === sort ? '▾' : ''), width, side),
  );
  const head: Line = { spans: [`  ${titles.join(' ')}`], format: 'inverse' };
  if (answer === undefined) return [head, { spans: ['  asking'] }];
  if (answer.connections.length === 0) return [head, { spans: ['  there are no connections'] }];
  const shown = answer.connections.slice(cursor.offset, cursor.offset + page);
  return [
    head,
    ...shown.map((connection, index): Line => {
      const isChosen = cursor.offset + index === cursor.index;
      const cells = columns.map((column) => fitted(column.text(connection), column.width, column.side));
      return { spans: [isChosen ? '> ' : '  ', cells.join(' ')], ...(isChosen && { format: 'inverse' }) };
    }),
  ];
}

/** `web/10.0.0.1:80: 200 of 3456 connections` */
export function connectionTitle({ server, backend, answer }: ConnectionView): string {
  const of = visible(backend === undefined ? server : `${server}/${backend}`);
  if (answer === undefined) return of;
  const { total, connections } = answer;
  const count = total === 1 ? '1 connection' : `${total} connections`;
  return `${of}: ${connections.length < total ? `${connections.length} of ` : ''}${count}`;
}
