import type { Cell } from '../../view/cells.ts';
import { type Column, columnsOf, groupsOf } from '../../view/columns.ts';
import { backendStatus, serverStatus, type Status } from '../../view/status.ts';
import type { BackendJson, ServerJson, SnapshotJson } from '../../view/wire.ts';
import { type Html, html } from './html.ts';

/** All servers and their backends, as the script draws them, too (src/ui/table.tsx). */
export function tableHtml({ at, servers }: SnapshotJson): Html {
  const now = Date.parse(at);
  if (servers.length === 0) return html`<p class="empty">There is no server.</p>`;
  const columns = columnsOf(servers);
  return html`<div class="scroll">
    <table class="figures">
      <caption class="unseen">
        Servers and their backends
      </caption>
      <thead>
        <tr class="groups">
          <td colspan="2"></td>
          ${groupsOf(columns).map(({ name, span }) => html`<th scope="colgroup" colspan="${span}">${name}</th>`)}
        </tr>
        <tr>
          <th scope="col">Server, backend</th>
          <th scope="col">State</th>
          ${columns.map(({ label, title }) => html`<th scope="col" class="number" title="${title}">${label}</th>`)}
        </tr>
      </thead>
      ${servers.map((server) => serverHtml(server, columns, now))}
    </table>
  </div>`;
}

function serverHtml(server: ServerJson, columns: readonly Column[], at: number): Html {
  const { name, addresses, backends } = server;
  return html`<tbody>
    <tr class="server">
      <th scope="rowgroup"><bdi class="name">${name}</bdi><span class="where">${addresses.join(' ')}</span></th>
      ${statusHtml(serverStatus(server))}${columns.map((column) => cellHtml(column.label, column.server(server, at)))}
    </tr>
    ${backends.map((backend) => backendHtml(backend, columns, at))}
  </tbody> `;
}

function backendHtml(backend: BackendJson, columns: readonly Column[], at: number): Html {
  const status = statusHtml(backendStatus(backend, at));
  const cells = columns.map((column) => cellHtml(column.label, column.backend(backend, at)));
  return html`<tr class="backend">
    <th scope="row"><bdi class="name">${backend.key}</bdi></th>
    ${status}${cells}
  </tr> `;
}

function statusHtml({ word, tone, note }: Status): Html {
  return html`<td class="state" data-label="State">
    <span class="badge ${tone}">${word}</span><span class="note" title="${note}">${note}</span>
  </td>`;
}

function cellHtml(label: string, cell: Cell | undefined): Html {
  if (cell === undefined) return html`<td class="number none"></td>`;
  const look = cell.isAlarming === true ? ' alarming' : cell.value === 0 ? ' zero' : '';
  return html`<td class="number${look}" data-label="${label}" title="${cell.title ?? ''}">${cell.text}</td>`;
}
