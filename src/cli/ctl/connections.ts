import { connections as schema, type Connection } from '../remote/answers.ts';
import type { TableCell, TableColumn } from '../text/table.ts';
import { bytesText, durationText } from '../../view/format.ts';
import type { Session } from './session.ts';

const COLUMNS: readonly TableColumn[] = [
  { title: 'ID' },
  { title: 'SERVER' },
  { title: 'CLIENT' },
  { title: 'BACKEND' },
  { title: 'STAGE' },
  { title: 'AGE', side: 'right' },
  { title: 'QUEUED', side: 'right' },
  { title: 'IN', side: 'right' },
  { title: 'OUT', side: 'right' },
  { title: 'TRIED' },
];

/** With the name of TLS, only where a client has told one; the last column may be empty. */
const WITH_NAMES = COLUMNS.toSpliced(-1, 0, { title: 'TLS NAME' });

/** The API's names for the sort orders. */
const API_SORTS: Readonly<Record<string, string>> = { in: 'tx', out: 'rx' };

/** `tslb ctl connections` */
export async function showConnections(session: Session): Promise<void> {
  const { server, backend, client, sort = 'age', limit } = session.options;
  const query = { server, backend, client, sort: API_SORTS[sort] ?? sort, limit };
  const answer = await session.client.json('/v1/connections', { query });
  session.show(answer, () => {
    const { total, connections } = session.client.fit(schema, answer);
    const hasNames = connections.some(({ tls_name: name }) => name !== undefined);
    const rows = connections.map((each) => {
      const row = rowOf(each);
      return hasNames ? row.toSpliced(-1, 0, each.tls_name ?? '-') : row;
    });
    session.table(hasNames ? WITH_NAMES : COLUMNS, rows, 'there are no connections');
    if (total > connections.length) session.line(`${connections.length} of ${total}; --limit shows more`);
  });
}

function rowOf(connection: Connection): readonly TableCell[] {
  return [
    connection.id,
    connection.server,
    connection.client,
    connection.backend ?? '-',
    connection.stage,
    durationText(connection.age_ms),
    connection.queue_ms === 0 ? '-' : durationText(connection.queue_ms),
    bytesText(connection.tx),
    bytesText(connection.rx),
    connection.tried.join(' '),
  ];
}
