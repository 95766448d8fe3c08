import { connections as schema, type Connection } from '../remote/answers.ts';
import type { TableCell } from '../text/table.ts';
import { bytesText, durationText } from '../../view/format.ts';
import type { Session } from './session.ts';

const COLUMNS = [
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
] as const;

/** Only where a client has told one. */
const TLS_NAME = { title: 'TLS NAME' } as const;

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
    const columns = hasNames ? [...COLUMNS, TLS_NAME] : COLUMNS;
    const rows = connections.map((each) => (hasNames ? [...rowOf(each), each.tls_name ?? '-'] : rowOf(each)));
    session.table(columns, rows, 'there are no connections');
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
