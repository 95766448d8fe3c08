import { isTable, type ReportProblem, type Table } from '../../config/schema/examine.ts';
import { noEffect } from '../../config/schema/no-effect.ts';
import { parseDuration } from '../../config/values/duration.ts';
import { backendsInFile } from '../../control/discovery/registry.ts';
import type { BackendSpec } from '../../core/backend.ts';
import { DEFAULTS, type OptionKey } from './options.ts';

/** A server as it stands in the file, and what it takes from `[defaults]`. */
interface Server {
  readonly table: Table;
  readonly of: (key: OptionKey) => unknown;
  /** Whether a backend may have it: one that the file names has, or only the source knows the backends. */
  readonly mayHave: (trait: (backend: BackendSpec) => boolean) => boolean;
}

/** Keys that have no effect where another one is absent or switched off. */
interface Dependence {
  readonly keys: readonly OptionKey[];
  readonly isIdle: (server: Server) => boolean;
  /** What they have no effect without. */
  readonly without: string;
  readonly suggestion: string;
}

const DEPENDENCES: readonly Dependence[] = [
  {
    keys: ['queue_timeout'],
    isIdle: ({ of, mayHave }) => of('queue_when_down') !== true && !mayHave(({ maxConnections }) => maxConnections > 0),
    without: 'max_connections of a backend, or queue_when_down',
    suggestion: 'remove it, or give the backends a limit, such as max_connections=100',
  },
  {
    keys: ['queue_size', 'queue_per_client', 'queue_when_down'],
    isIdle: ({ of }) => isZero(of('queue_timeout')),
    without: 'queue_timeout',
    suggestion: 'remove it, or add queue_timeout = "10s"',
  },
  {
    keys: ['sticky_expire'],
    isIdle: ({ of }) => of('sticky') === 'none',
    without: 'sticky',
    suggestion: 'remove it, or add sticky = "client_ip"',
  },
  {
    keys: ['client_prefix_v6'],
    isIdle: (server) => !tellsClientsApart(server),
    without: 'a limit for each client, or sticky',
    suggestion: 'remove it, or add max_connections_per_client or sticky = "client_ip"',
  },
  {
    keys: ['fail_timeout'],
    isIdle: (server) => !countsFailures(server),
    without: 'max_fails',
    suggestion: 'remove it, or add max_fails = 3',
  },
  {
    keys: ['panic_threshold'],
    isIdle: (server) => !isChecked(server),
    without: 'a healthcheck',
    suggestion: 'remove it, or add the table healthcheck to the server',
  },
  {
    keys: ['slow_start'],
    isIdle: (server) => !isChecked(server) && !countsFailures(server) && !hasStates(server),
    without: 'a healthcheck, max_fails or a state of a backend',
    suggestion: 'remove it, or add the table healthcheck to the server',
  },
  {
    keys: ['on_down'],
    isIdle: (server) => !isChecked(server) && !hasStates(server),
    without: 'a healthcheck or a state of a backend',
    suggestion: 'remove it, or add the table healthcheck to the server',
  },
];

/** Warns of keys that have no effect as the file stands. One in `[defaults]` does when it has no effect for any server. */
export function lintOptions(file: unknown, report: ReportProblem): void {
  if (!isTable(file)) return;
  const defaults = tableOf(file['defaults']);
  const servers = Object.entries(tableOf(file['servers'])).map(([name, table]) => ({ name, table: tableOf(table) }));
  const views = servers.map(({ table }) => viewOf(table, defaults));
  for (const dependence of DEPENDENCES) {
    for (const key of dependence.keys) {
      for (const [index, { name, table }] of servers.entries()) {
        const view = views[index] as Server;
        if (isOf(table, key) && dependence.isIdle(view))
          report(noEffect(key, { ...dependence, path: ['servers', name, key] }));
      }
      const heirs = views.filter(({ table }) => !Object.hasOwn(table, key));
      const isIdle = heirs.length > 0 && heirs.every(dependence.isIdle);
      if (isOf(defaults, key) && isIdle) report(noEffect(key, { ...dependence, path: ['defaults', key] }));
    }
  }
}

function viewOf(table: Table, defaults: Table): Server {
  let backends: readonly BackendSpec[] | undefined;
  let isRead = false;
  const mayHave: Server['mayHave'] = (trait) => {
    if (!isRead) backends = backendsInFile(table['discovery']);
    isRead = true;
    return backends?.some(trait) ?? true;
  };
  return { table, of: (key) => table[key] ?? defaults[key] ?? DEFAULTS[key], mayHave };
}

/** Whether the key stands there, with a value that is not its default anyway. */
function isOf(table: Table, key: OptionKey): boolean {
  return Object.hasOwn(table, key) && table[key] !== DEFAULTS[key];
}

function isChecked({ table }: Server): boolean {
  const { healthcheck } = table;
  return isTable(healthcheck) && healthcheck['kind'] !== 'none';
}

/** Of the server, or of one of its backends. */
function countsFailures({ of, mayHave }: Server): boolean {
  return of('max_fails') !== 0 || mayHave(({ maxFails = 0 }) => maxFails > 0);
}

function tellsClientsApart({ of }: Server): boolean {
  const isLimited = of('max_connections_per_client') !== 0 || !isNoRate(of('connection_rate_per_client'));
  return isLimited || of('queue_per_client') !== 0 || of('sticky') !== 'none';
}

/** A state may change at a reload, which is a way down and up, too. */
function hasStates({ mayHave }: Server): boolean {
  return mayHave(({ state }) => state !== undefined);
}

/** What cannot be read is reported elsewhere. */
function isZero(duration: unknown): boolean {
  if (typeof duration !== 'string') return false;
  const reading = parseDuration(duration);
  return 'value' in reading && reading.value === 0;
}

/** Likewise. */
function isNoRate(rate: unknown): boolean {
  return typeof rate === 'string' && rate.trim() === '0';
}

function tableOf(value: unknown): Table {
  return isTable(value) ? value : {};
}
