import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { ageText, bytesText, countText, exactText, durationText } from '../view/format.ts';
import type { ConnectionJson, ConnectionListJson } from '../view/wire.ts';
import { ApiError, MAY_CHANGE, read } from './api.ts';
import { asked } from './command.ts';
import { killMatching, killOne, type Match, queryOf } from './connection-commands.ts';
import { snapshot } from './live.ts';
import { connectionMatch, connectionOrder, type ConnectionOrder } from './view-state.ts';
import { whileSeen } from './while-seen.ts';

const REFRESH_MS = 2000;
const SHOWN = 200;
const UNREADABLE = 'The connections cannot be read now.';

const SORTED: readonly (readonly [order: ConnectionOrder, label: string, title: string])[] = [
  ['age', 'Age', 'The oldest first'],
  ['tx', 'In', 'The most bytes from the client first'],
  ['rx', 'Out', 'The most bytes from the backend first'],
];

/** The connections that are open now, asked for every two seconds. */
export function Connections() {
  const list = useSignal<{ readonly match: Match; readonly answer: ConnectionListJson } | undefined>(undefined);
  const failure = useSignal('');
  const path = useComputed(() => {
    const query = queryOf(connectionMatch.value);
    query.set('sort', connectionOrder.value);
    query.set('limit', String(SHOWN));
    return `connections?${query.toString()}`;
  });

  async function ask(): Promise<void> {
    const [asking, match] = [path.peek(), connectionMatch.peek()];
    try {
      const answer = await read<ConnectionListJson>(asking);
      if (asking !== path.peek()) return;
      list.value = { match, answer };
      failure.value = '';
    } catch (thrown) {
      // Said below; it is asked for again.
      if (asking === path.peek()) failure.value = thrown instanceof ApiError ? thrown.message : UNREADABLE;
    }
  }

  useSignalEffect(() => {
    if (path.value !== '') void ask();
  });
  useEffect(() => whileSeen(() => void ask(), REFRESH_MS), []);

  // A new order keeps the list until the answer comes; a new filter does not.
  const answer = list.value?.match === connectionMatch.value ? list.value.answer : undefined;
  const { total = 0, connections = [] } = answer ?? {};
  return (
    <section aria-label="Connections">
      <Filters total={answer?.total} />
      {failure.value !== '' && <p class="note">{failure.value}</p>}
      {connections.length === 0 ? (
        <p class="empty">{answer === undefined ? (failure.value === '' ? 'Asking…' : '') : 'No connection is open.'}</p>
      ) : (
        <Table connections={connections} />
      )}
      {total > connections.length && (
        <p class="note">
          {countText(connections.length)} of {countText(total)} are shown.
        </p>
      )}
    </section>
  );
}

/** @param total undefined until it is known */
function Filters({ total }: { readonly total: number | undefined }) {
  const match = connectionMatch.value;
  const servers = snapshot.value?.servers ?? [];
  const backends = servers.filter(({ name }) => name === match.server).flatMap((server) => server.backends);
  const set = (part: Partial<Match>): void => void (connectionMatch.value = { ...match, ...part });
  return (
    <div class="tools-row">
      <Choice
        label="Server"
        value={match.server}
        choices={servers.map(({ name }) => name)}
        choose={(server) => set({ server, backend: '' })}
      />
      <Choice
        label="Backend"
        value={match.backend}
        choices={backends.map(({ key }) => key)}
        choose={(backend) => set({ backend })}
      />
      <label>
        <span>Client</span>
        <input
          type="search"
          value={match.client}
          placeholder="192.0.2.0/24"
          spellcheck={false}
          onInput={({ currentTarget }) => set({ client: currentTarget.value.trim() })}
        />
      </label>
      <output class="count">{total === undefined ? '' : `${countText(total)} open`}</output>
      {MAY_CHANGE && total !== undefined && total > 0 && (
        <button type="button" class="harmful" onClick={() => (asked.value = killMatching(match, total))}>
          Kill {countText(total)}…
        </button>
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly string[];
  readonly choose: (value: string) => void;
}

function Choice({ label, value, choices, choose }: ChoiceProps) {
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        <option value="">all</option>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    </label>
  );
}

function Table({ connections }: { readonly connections: readonly ConnectionJson[] }) {
  return (
    <div class="scroll">
      <table class="figures connections">
        <caption class="unseen">Connections that are open now</caption>
        <thead>
          <tr>
            <th scope="col">Client</th>
            <th scope="col">Server</th>
            <th scope="col">Backend</th>
            <th scope="col">Stage</th>
            {SORTED.map(([order, label, title]) => (
              <th
                key={order}
                scope="col"
                class="number"
                aria-sort={connectionOrder.value === order ? 'descending' : undefined}
              >
                <button type="button" title={title} onClick={() => (connectionOrder.value = order)}>
                  {label}
                </button>
              </th>
            ))}
            {MAY_CHANGE && (
              <th scope="col">
                <span class="unseen">Commands</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {connections.map((connection) => (
            <Row key={connection.id} connection={connection} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ connection }: { readonly connection: ConnectionJson }) {
  const { client, server, backend, stage, age_ms: ageMs, queue_ms: queueMs, rx, tx, tried } = connection;
  return (
    <tr class="connection">
      <th scope="row">
        <bdi>{client}</bdi>
      </th>
      <td data-label="Server">
        <bdi>{server}</bdi>
      </td>
      <td data-label="Backend">
        <bdi>{backend ?? '–'}</bdi>
        {tried.length > 0 && <span class="note">after {tried.join(', ')}</span>}
      </td>
      <td data-label="Stage">
        {stage}
        {queueMs > 0 && <span class="note">{durationText(queueMs)} in the queue</span>}
      </td>
      <td class="number" data-label="Age">
        {ageText(ageMs)}
      </td>
      <td class="number" data-label="In" title={`${exactText(tx)} bytes`}>
        {bytesText(tx)}
      </td>
      <td class="number" data-label="Out" title={`${exactText(rx)} bytes`}>
        {bytesText(rx)}
      </td>
      {MAY_CHANGE && (
        <td class="tools">
          <button
            type="button"
            class="small harmful"
            aria-label={`Kill the connection of ${client}`}
            onClick={() => (asked.value = killOne(connection))}
          >
            Kill…
          </button>
        </td>
      )}
    </tr>
  );
}
