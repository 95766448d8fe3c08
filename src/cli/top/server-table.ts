import { visible } from '../../config/problem/diagnostic-line.ts';
import { isServing } from '../../view/status.ts';
import type { Backend, Server } from '../remote/answers.ts';
import { fitted, type Side, widthOf } from '../text/columns.ts';
import { errorsOf } from '../text/errors-of.ts';
import { statusFormat, type Format } from '../text/style.ts';
import { ageText, bytesText, compactText, limitText, rateText } from '../../view/format.ts';
import type { Line } from './line.ts';
import { type Row, rowsOf } from './rows.ts';
import type { SortKey } from './sort.ts';
import type { TopState } from './state.ts';

interface ServerColumn {
  readonly title: string;
  readonly width: number;
  readonly side?: Side;
  /** The columns of the highest rank are left out first where the screen is narrow. */
  readonly rank: number;
  readonly sort?: SortKey;
  /** Only shown where a server is of UDP. */
  readonly isOfUdp?: true;
  server(server: Server, at: number): string;
  backend(backend: Backend, at: number): string;
}

/** All but the name, which comes first, and the reason, which is last; `at` is the time of the snapshot. */
const COLUMNS: readonly ServerColumn[] = [
  { title: 'STATUS', width: 10, rank: 1, server: upText, backend: statusText },
  {
    title: 'CONN',
    width: 6,
    side: 'right',
    rank: 1,
    sort: 'connections',
    server: ({ active }) => compactText(active),
    backend: ({ active }) => compactText(active),
  },
  {
    title: 'PEAK',
    width: 6,
    side: 'right',
    rank: 6,
    server: ({ peak }) => compactText(peak),
    backend: ({ peak }) => compactText(peak),
  },
  {
    title: 'LIMIT',
    width: 6,
    side: 'right',
    rank: 4,
    server: (server) => limitText(server.max_connections, compactText),
    backend: (backend) => limitText(backend.max_connections, compactText) + marked(backend.max_connections_override),
  },
  {
    title: 'NEW/S',
    width: 6,
    side: 'right',
    rank: 2,
    sort: 'new',
    server: ({ rates }) => rateText(rates.connections, compactText),
    backend: ({ rates }) => rateText(rates.connections, compactText),
  },
  {
    title: 'IN/S',
    width: 9,
    side: 'right',
    rank: 3,
    sort: 'bytes',
    server: ({ rates }) => bytesText(rates.tx),
    backend: ({ rates }) => bytesText(rates.tx),
  },
  {
    title: 'OUT/S',
    width: 9,
    side: 'right',
    rank: 3,
    sort: 'bytes',
    server: ({ rates }) => bytesText(rates.rx),
    backend: ({ rates }) => bytesText(rates.rx),
  },
  {
    title: 'DGR IN',
    width: 6,
    side: 'right',
    rank: 4,
    isOfUdp: true,
    server: (server) => (isUdp(server) ? compactText(server.tx_datagrams) : ''),
    backend: ({ tx_datagrams: datagrams }) => (datagrams === 0 ? '' : compactText(datagrams)),
  },
  {
    title: 'DGR OUT',
    width: 7,
    side: 'right',
    rank: 4,
    isOfUdp: true,
    server: (server) => (isUdp(server) ? compactText(server.rx_datagrams) : ''),
    backend: ({ rx_datagrams: datagrams }) => (datagrams === 0 ? '' : compactText(datagrams)),
  },
  {
    title: 'DROPS',
    width: 6,
    side: 'right',
    rank: 4,
    isOfUdp: true,
    server: (server) => (isUdp(server) ? compactText(dropsOf(server)) : ''),
    backend: () => '',
  },
  {
    title: 'WAIT',
    width: 5,
    side: 'right',
    rank: 5,
    sort: 'waiting',
    server: ({ waiting }) => compactText(waiting),
    backend: () => '',
  },
  {
    title: 'ERRORS',
    width: 6,
    side: 'right',
    rank: 2,
    sort: 'errors',
    server: (server) => compactText(errorsOf(server)),
    backend: ({ refused }) => compactText(refused),
  },
  {
    title: 'WEIGHT',
    width: 6,
    side: 'right',
    rank: 7,
    server: () => '',
    backend: (backend) => compactText(backend.weight) + marked(backend.weight_override),
  },
  {
    title: 'SINCE',
    width: 7,
    side: 'right',
    rank: 6,
    server: () => '',
    backend: (backend, at) => ageText(at - Date.parse(backend.changed_at)),
  },
];

/** `> ` before the chosen row, so that it shows without colours, too. */
const MARK = 2;
/** Any IPv4 address with its port, below its server. */
const NAME_WIDTH = 23;
const NARROWEST_REASON = 12;
const GAP = 1;

/** The titles and the rows that are on the screen. */
export function serverTable(state: TopState, page: number): readonly Line[] {
  const rows = rowsOf(state);
  const layout = layoutOf(rows, state.size.columns);
  const at = Date.parse(state.snapshot?.at ?? '');
  const { cursor } = state;
  const shown = rows.slice(cursor.offset, cursor.offset + page);
  const lines = shown.map((row, index) =>
    rowLine(row, layout, { at, isChosen: cursor.offset + index === cursor.index }),
  );
  return [titleLine(layout, state), ...(rows.length === 0 ? [emptyLine(state)] : lines)];
}

interface Layout {
  readonly name: number;
  readonly columns: readonly ServerColumn[];
  /** 0 where it is left out. */
  readonly reason: number;
}

function layoutOf(rows: readonly Row[], screen: number): Layout {
  const longest = Math.max('NAME▾'.length, ...rows.map((row) => widthOf(visible(nameOf(row)))));
  // A longer name gets what the columns leave.
  const least = Math.min(longest, NAME_WIDTH);
  const widthFor = (columns: readonly ServerColumn[]): number =>
    columns.reduce((sum, { width }) => sum + GAP + width, MARK + least);
  const hasUdp = rows.some(({ server }) => isUdp(server));
  const all = COLUMNS.filter(({ isOfUdp }) => hasUdp || isOfUdp === undefined);
  const ranks = [...new Set(COLUMNS.map(({ rank }) => rank))].sort((one, other) => other - one);
  const columns = ranks.reduce(
    (left, rank) => (widthFor(left) > screen ? left.filter((column) => column.rank !== rank) : left),
    all,
  );
  const spare = Math.max(0, screen - widthFor(columns));
  const name = Math.min(longest, least + spare);
  const rest = spare - (name - least) - GAP;
  return { name, columns, reason: rest >= NARROWEST_REASON ? rest : 0 };
}

function titleLine({ name, columns, reason }: Layout, { sort }: TopState): Line {
  const arrow = (of: SortKey | undefined): string => (of === sort.by ? (sort.isReversed ? '▴' : '▾') : '');
  const titles = [
    ' '.repeat(MARK) + fitted(`NAME${arrow('name')}`, name),
    ...columns.map(({ title, width, side, sort: by }) => fitted(title + arrow(by), width, side)),
    ...(reason > 0 ? ['REASON'] : []),
  ];
  return { spans: [titles.join(' '.repeat(GAP))], format: 'inverse' };
}

function rowLine(row: Row, layout: Layout, { at, isChosen }: { at: number; isChosen: boolean }): Line {
  const { server, backend } = row;
  const name = (isChosen ? '> ' : '  ') + fitted(nameOf(row), layout.name);
  const cells = layout.columns.map((column) => {
    const text = backend === undefined ? column.server(server, at) : column.backend(backend, at);
    const span = ` ${fitted(text, column.width, column.side)}`;
    return column.title === 'STATUS' ? { text: span, format: formatOf(row) } : span;
  });
  const reason = layout.reason > 0 ? [` ${fitted(backend?.health?.reason ?? '', layout.reason)}`] : [];
  const named = backend === undefined ? { text: name, format: 'bold' as const } : name;
  return { spans: [named, ...cells, ...reason], ...(isChosen && { format: 'inverse' }) };
}

function emptyLine({ snapshot, filter }: TopState): Line {
  if (snapshot === undefined) return { spans: ['  waiting for the first figures'] };
  return {
    spans: [filter === '' ? '  there are no servers' : `  nothing matches "${visible(filter)}"; Esc shows all`],
  };
}

function nameOf({ server, backend }: Row): string {
  return backend === undefined ? server.name : `  ${backend.key}${marked(backend.is_dynamic)}`;
}

function statusText({ status, state_override: isOverride }: Backend): string {
  return status + marked(isOverride);
}

function upText({ backends }: Server): string {
  return `${backends.filter(isServing).length}/${backends.length} up`;
}

function formatOf({ server, backend }: Row): Format {
  if (backend !== undefined) return statusFormat(backend.status);
  const serving = server.backends.filter(isServing).length;
  return serving === server.backends.length ? 'green' : serving === 0 ? ['red', 'bold'] : 'yellow';
}

/** A runtime override. */
function marked(isOverride: boolean): string {
  return isOverride ? '*' : '';
}

function isUdp({ protocol }: Server): boolean {
  return protocol === 'udp';
}

function dropsOf({ drops }: Server): number {
  return Object.values(drops).reduce((sum, datagrams) => sum + datagrams, 0);
}
