import { isServing } from '../../view/status.ts';
import { snapshot, type Server } from '../remote/answers.ts';
import type { TableCell } from '../text/table.ts';
import { bytesText, countText, limitText, rateText } from '../../view/format.ts';
import { errorsOf } from '../text/errors-of.ts';
import type { Session } from './session.ts';

const COLUMNS = [
  { title: 'SERVER' },
  { title: 'LISTENS AT' },
  { title: 'BALANCE' },
  { title: 'BACKENDS' },
  { title: 'ACTIVE', side: 'right' },
  { title: 'LIMIT', side: 'right' },
  { title: 'PEAK', side: 'right' },
  { title: 'WAITING', side: 'right' },
  { title: 'NEW/S', side: 'right' },
  { title: 'TOTAL', side: 'right' },
  { title: 'IN/S', side: 'right' },
  { title: 'OUT/S', side: 'right' },
  { title: 'ERRORS', side: 'right' },
] as const;

/** `tslb ctl servers` */
export async function showServers(session: Session): Promise<void> {
  // Only the snapshot has the servers with their backends.
  const answer = await session.client.json(session.options.json === true ? '/v1/servers' : '/v1/stats');
  session.show(answer, () => {
    const { servers } = session.client.fit(snapshot, answer);
    session.table(COLUMNS, servers.map(rowOf), 'there are no servers');
  });
}

function rowOf(server: Server): readonly TableCell[] {
  return [
    server.name,
    server.addresses.join(' '),
    server.balance,
    backendsCell(server),
    countText(server.active),
    limitText(server.max_connections),
    countText(server.peak),
    countText(server.waiting),
    rateText(server.rates.connections),
    countText(server.accepted),
    bytesText(server.rates.tx),
    bytesText(server.rates.rx),
    countText(errorsOf(server)),
  ];
}

function backendsCell({ backends }: Server): TableCell {
  const serving = backends.filter(isServing).length;
  const text = `${serving}/${backends.length} up`;
  return { text, format: serving === backends.length ? 'green' : serving === 0 ? 'red' : 'yellow' };
}
