import { CAUSES, type Cause } from '../core/cause.ts';
import { countText, exactText } from '../view/format.ts';
import type { ServerJson } from '../view/wire.ts';
import { HistoryChart } from './history-chart.tsx';
import { showConnections } from './view-state.ts';

/** The details of a server below its line. */
export function Details({ server }: { readonly server: ServerJson }) {
  return (
    <div class="detail-columns">
      <HistoryChart server={server.name} />
      <Facts server={server} />
      <Causes server={server} />
    </div>
  );
}

function Facts({ server }: { readonly server: ServerJson }) {
  const {
    name,
    binds,
    protocol,
    balance,
    engine,
    queued,
    over_client_limit: overLimit,
    over_client_rate: overRate,
    denied,
  } = server;
  const facts: readonly (readonly [string, string])[] = [
    ['Bind', binds.join(', ')],
    ['Protocol, balance', `${protocol}, ${balance}`],
    ['Engine', engine],
    ['Had to wait', countText(queued)],
    ['No backend', countText(server.no_backend)],
    ['No resources', countText(server.no_resources)],
    ['Access denied', countText(denied)],
    ['Over client limit, rate', `${countText(overLimit)}, ${countText(overRate)}`],
    ['Most per second', countText(server.rates.peak_connections)],
  ];
  return (
    <section class="facts-list">
      <h3>Server</h3>
      <dl>
        {facts.map(([term, text]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <button type="button" class="link" onClick={() => showConnections(name)}>
        Its connections
      </button>
    </section>
  );
}

function Causes({ server: { causes } }: { readonly server: ServerJson }) {
  const counted = (Object.entries(causes) as [Cause, number][]).toSorted(([, a], [, b]) => b - a);
  const most = Math.max(...counted.map(([, count]) => count), 1);
  return (
    <section class="causes">
      <h3>How connections ended</h3>
      {counted.length === 0 && <p class="note">None has ended yet.</p>}
      {counted.length > 0 && (
        <table aria-label="How connections ended">
          <tbody>
            {counted.map(([cause, count]) => (
              <tr key={cause}>
                <th scope="row">
                  <code>{cause}</code>
                </th>
                <td class="number" title={exactText(count)}>
                  {countText(count)}
                </td>
                <td>
                  <meter min={0} max={most} value={count} aria-hidden="true" />
                  {CAUSES[cause]}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
