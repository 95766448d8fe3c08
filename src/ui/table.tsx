import { useComputed } from '@preact/signals';

import { type Column, columnsOf, groupsOf } from '../view/columns.ts';
import { arranged, nextOrder, type Shown } from '../view/order.ts';
import { backendStatus, serverStatus } from '../view/status.ts';
import type { BackendJson } from '../view/wire.ts';
import { MAY_CHANGE } from './api.ts';
import { backendCommands } from './backend-commands.ts';
import { Details } from './details.tsx';
import { FigureCell, StatusCell } from './figures.tsx';
import { snapshot, tracks } from './live.ts';
import { MenuButton } from './menu.tsx';
import { serverCommands } from './server-commands.ts';
import { Spark } from './spark.tsx';
import { filter, isTroubleOnly, opened, order, toggle } from './view-state.ts';

/** The name and the state, before the figures. */
const BEFORE = 2;
/** The sparkline and the menu, after them. */
const AFTER = 1 + (MAY_CHANGE ? 1 : 0);

export function Servers() {
  const shown = useComputed(() =>
    snapshot.value === undefined
      ? []
      : arranged(snapshot.value, { filter: filter.value, isTroubleOnly: isTroubleOnly.value, order: order.value }),
  );
  const columns = columnsOf(snapshot.value?.servers ?? []);
  const at = Date.parse(snapshot.value?.at ?? '');
  if (shown.value.length === 0) return <Nothing />;
  return (
    <div class="scroll">
      <table class="figures">
        <caption class="unseen">Servers and their backends</caption>
        <Head columns={columns} />
        {shown.value.map((each) => (
          <Group key={each.server.name} shown={each} columns={columns} at={at} />
        ))}
      </table>
    </div>
  );
}

function Nothing() {
  const hasServers = snapshot.value !== undefined && snapshot.value.servers.length > 0;
  const text =
    isTroubleOnly.value && filter.value === ''
      ? 'No server is in trouble.'
      : 'No server or backend matches the filter.';
  return <p class="empty">{hasServers ? text : 'There is no server.'}</p>;
}

function Head({ columns }: { readonly columns: readonly Column[] }) {
  return (
    <thead>
      <tr class="groups">
        <td colspan={BEFORE} />
        {groupsOf(columns).map(({ name, span }) => (
          <th key={name} scope="colgroup" colspan={span}>
            {name}
          </th>
        ))}
        <td colspan={AFTER} />
      </tr>
      <tr>
        <HeadCell by="name" label="Server, backend" title="By name" />
        <HeadCell by="state" label="State" title="By severity" />
        {columns.map(({ id, label, title }) => (
          <HeadCell key={id} by={id} label={label} title={title} isNumber />
        ))}
        <th scope="col" title="New connections in each second of the last minute">
          1 min
        </th>
        {MAY_CHANGE && (
          <th scope="col">
            <span class="unseen">Commands</span>
          </th>
        )}
      </tr>
    </thead>
  );
}

interface HeadCellProps {
  readonly by: string;
  readonly label: string;
  readonly title: string;
  readonly isNumber?: boolean;
}

function HeadCell({ by, label, title, isNumber = false }: HeadCellProps) {
  const sorted = order.value?.by === by ? order.value : undefined;
  const direction = sorted && (sorted.isDescending ? 'descending' : 'ascending');
  return (
    <th scope="col" class={isNumber ? 'number' : ''} aria-sort={direction}>
      <button type="button" title={title} onClick={() => (order.value = nextOrder(order.value, by))}>
        {label}
      </button>
    </th>
  );
}

interface GroupProps {
  readonly shown: Shown;
  readonly columns: readonly Column[];
  readonly at: number;
}

function Group({ shown: { server, backends }, columns, at }: GroupProps) {
  const { name } = server;
  const isOpen = opened.value.has(name);
  return (
    <tbody>
      <tr class="server">
        <th scope="rowgroup">
          <button type="button" class="fold" aria-expanded={isOpen} onClick={() => toggle(name)}>
            <bdi class="name">{name}</bdi>
          </button>
          <span class="where">{server.addresses.join(' ')}</span>
        </th>
        <StatusCell status={serverStatus(server)} />
        {columns.map((column) => (
          <FigureCell key={column.id} column={column} cell={column.server(server, at)} />
        ))}
        <td class="trend">
          <Spark samples={tracks.newConnections(name)} label={`New connections of ${name} in the last minute`} />
        </td>
        {MAY_CHANGE && (
          <td class="tools">
            <MenuButton of={`server ${name}`} commands={() => serverCommands(server)} />
          </td>
        )}
      </tr>
      {isOpen && (
        <tr class="details">
          <td colspan={BEFORE + columns.length + AFTER}>
            <Details server={server} />
          </td>
        </tr>
      )}
      {backends.map((backend) => (
        <Row key={backend.key} server={name} backend={backend} columns={columns} at={at} />
      ))}
    </tbody>
  );
}

interface RowProps {
  readonly server: string;
  readonly backend: BackendJson;
  readonly columns: readonly Column[];
  readonly at: number;
}

function Row({ server, backend, columns, at }: RowProps) {
  const { key } = backend;
  return (
    <tr class="backend">
      <th scope="row">
        <bdi class="name">{key}</bdi>
      </th>
      <StatusCell status={backendStatus(backend, at)} />
      {columns.map((column) => (
        <FigureCell key={column.id} column={column} cell={column.backend(backend, at)} />
      ))}
      <td class="trend">
        <Spark samples={tracks.newConnections(server, key)} label={`New connections of ${key} in the last minute`} />
      </td>
      {MAY_CHANGE && (
        <td class="tools">
          <MenuButton of={`backend ${key} of ${server}`} commands={() => backendCommands({ server, backend })} />
        </td>
      )}
    </tr>
  );
}
