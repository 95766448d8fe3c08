import { reloadText } from '../view/change.ts';
import type { ServerJson } from '../view/wire.ts';
import { change, create, pathOf } from './api.ts';
import type { Command } from './command.ts';

/** In the order of docs/configuration.md. */
const STRATEGIES = [
  'weight',
  'roundrobin',
  'leastconn',
  'leastbandwidth',
  'iphash',
  'iphash1',
  'consistent',
  'random2',
];

/** Go's, as everywhere in the configuration. */
const DURATION = String.raw`(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+`;

export function serverCommands(server: ServerJson): readonly Command[] {
  return [addBackend(server), resetCounters(server), removeServer(server)];
}

function addBackend({ name }: ServerJson): Command {
  return {
    title: 'Add a backend',
    explains: `${name} gets another backend, in addition to its list. A reload keeps it.`,
    verb: 'Add',
    fields: [
      { name: 'host', label: 'Host', kind: 'text', value: '', hint: 'an address or a name', isRequired: true },
      { name: 'port', label: 'Port', kind: 'number', value: '', isRequired: true },
      { name: 'weight', label: 'Weight', kind: 'number', value: '1' },
      { name: 'limit', label: 'Connections at once', kind: 'number', value: '0', hint: '0 is no limit' },
    ],
    run: async ({ host = '', port = '', weight = '', limit = '' }) => {
      await change('POST', `${pathOf('servers', name)}/backends`, {
        host: host.trim(),
        port: Number(port),
        ...(weight !== '' && { weight: Number(weight) }),
        ...(limit !== '' && { max_connections: Number(limit) }),
      });
      return `${host.trim()}:${port} was added to ${name}`;
    },
  };
}

function resetCounters({ name }: ServerJson): Command {
  return {
    title: 'Reset counters',
    explains: `The counters and peaks of ${name} and its backends are reset to 0. Open connections stay open.`,
    verb: 'Reset',
    run: async () => {
      await change('POST', 'counters/reset', { server: name });
      return `The counters of ${name} were reset`;
    },
  };
}

function removeServer({ name, active, addresses }: ServerJson): Command {
  return {
    title: 'Remove the server',
    explains: `${name} stops listening on ${addresses.join(', ')} at once. Its ${active === 1 ? '1 connection' : `${active} connections`} may finish within the time below, and are cut then.`,
    verb: 'Remove',
    isHarmful: true,
    fields: [
      {
        ...{ name: 'drain', label: 'Time to finish', kind: 'text', value: '30s', isRequired: true },
        ...{ pattern: DURATION, hint: 'such as 30s or 5m; 0s cuts now' },
      },
    ],
    underWay: ({ drain = '' }) => `${name} is being removed; its connections have ${drain} to finish`,
    run: async ({ drain = '' }) => {
      const query = new URLSearchParams({ drain });
      await change('DELETE', `${pathOf('servers', name)}?${query.toString()}`);
      return `${name} was removed`;
    },
  };
}

/** A server of the simplest kind; other kinds need a configuration. */
export function addServer(): Command {
  return {
    title: 'Add a server',
    explains: 'A new server listens at once. For other options, add the server to the configuration and reload.',
    verb: 'Add',
    fields: [
      { name: 'name', label: 'Name', kind: 'text', value: '', isRequired: true },
      {
        name: 'bind',
        label: 'Bind',
        kind: 'text',
        value: '',
        hint: 'such as :8080 or 127.0.0.1:8080',
        isRequired: true,
      },
      { name: 'balance', label: 'Balance', kind: 'choice', value: 'weight', choices: STRATEGIES },
      {
        ...{ name: 'backends', label: 'Backends', kind: 'lines', value: '', isRequired: true },
        hint: 'one in each line: 10.0.0.1:80 weight=2',
      },
      { name: 'check', label: 'Health check', kind: 'choice', value: 'ping', choices: ['ping', 'none'] },
    ],
    run: async ({ name = '', bind = '', balance = '', backends = '', check = '' }) => {
      const lines = backends.split('\n').map((line) => line.trim());
      await create(pathOf('servers', name.trim()), {
        bind: bind.trim(),
        balance,
        discovery: { kind: 'static', static_list: lines.filter(Boolean) },
        healthcheck: { kind: check, interval: '2s', timeout: '1s' },
      });
      return `${name.trim()} was added`;
    },
  };
}

export function reload(file: string | undefined): Command {
  return {
    title: 'Reload the configuration',
    explains: `${file ?? 'The configuration'} is reloaded. Unchanged servers are not touched, and no connection is lost. A file with errors changes nothing.`,
    verb: 'Reload',
    run: async () => {
      const result = await change<Parameters<typeof reloadText>[0]>('POST', 'reload', {});
      return reloadText(result);
    },
  };
}
