import { systemClock } from '../../core/clock.ts';
import { type Backend, backendsAnswer, snapshot } from '../remote/answers.ts';
import { statusFormat } from '../text/style.ts';
import type { TableCell } from '../text/table.ts';
import { ageText, bytesText, countText, limitText, rateText } from '../../view/format.ts';
import { serverPath } from '../remote/paths.ts';
import type { Session } from './session.ts';

const COLUMNS = [
  { title: 'SERVER' },
  { title: 'BACKEND' },
  { title: 'STATUS' },
  { title: 'PRIORITY', side: 'right' },
  { title: 'WEIGHT', side: 'right' },
  { title: 'ACTIVE', side: 'right' },
  { title: 'LIMIT', side: 'right' },
  { title: 'PEAK', side: 'right' },
  { title: 'NEW/S', side: 'right' },
  { title: 'TOTAL', side: 'right' },
  { title: 'IN', side: 'right' },
  { title: 'OUT', side: 'right' },
  { title: 'REFUSED', side: 'right' },
  { title: 'SINCE', side: 'right' },
  { title: 'REASON' },
] as const;

/** `tslb ctl backends [server]` */
export async function showBackends(session: Session, [server]: readonly string[]): Promise<void> {
  const { client } = session;
  const path = server === undefined ? '/v1/stats' : `${serverPath(server)}/backends`;
  const answer = await client.json(path);
  session.show(answer, () => {
    const owned =
      server === undefined
        ? client
            .fit(snapshot, answer)
            .servers.flatMap(({ name, backends }) => backends.map((each) => [name, each] as const))
        : client.fit(backendsAnswer, answer).backends.map((each) => [server, each] as const);
    const now = systemClock.date();
    const rows = owned.map(([name, backend]) => rowOf(name, backend, now));
    session.table(COLUMNS, rows, 'there are no backends');
    if (owned.some(([, backend]) => hasOverride(backend)))
      session.line('* runtime override; "tslb ctl auto" clears it');
  });
}

function rowOf(server: string, backend: Backend, now: number): readonly TableCell[] {
  const { status } = backend;
  return [
    server,
    backend.key + marked(backend.is_dynamic),
    { text: status + marked(backend.state_override), format: statusFormat(status) },
    countText(backend.priority),
    countText(backend.weight) + marked(backend.weight_override),
    countText(backend.active),
    limitText(backend.max_connections) + marked(backend.max_connections_override),
    countText(backend.peak),
    rateText(backend.rates.connections),
    countText(backend.total),
    bytesText(backend.tx),
    bytesText(backend.rx),
    countText(backend.refused),
    ageText(now - Date.parse(backend.changed_at)),
    backend.health?.reason ?? '',
  ];
}

function marked(isOverride: boolean): string {
  return isOverride ? '*' : '';
}

function hasOverride(backend: Backend): boolean {
  return backend.is_dynamic || backend.state_override || backend.weight_override || backend.max_connections_override;
}
