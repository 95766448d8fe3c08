import { isTable, type Remark, type Table } from '../../config/schema/examine.ts';
import { noEffect } from '../../config/schema/no-effect.ts';
import { parseDuration } from '../../config/values/duration.ts';
import { DEFAULTS, type OptionKey } from './options.ts';

type Report = Parameters<Remark>[1];

/** A server as it stands in the file, and what it takes from `[defaults]`. */
interface Server {
  readonly table: Table;
  readonly of: (key: OptionKey) => unknown;
  /** Of its static list. */
  readonly lines: readonly string[];
}

/** Keys that mean nothing where another one is absent or switched off. */
interface Dependence {
  readonly keys: readonly OptionKey[];
  readonly isIdle: (server: Server) => boolean;
  /** What they mean nothing without. */
  readonly without: string;
  readonly suggestion: string;
}

const HAS_LIMIT = /\bmax_connections\s*=\s*0*[1-9]/;
const HAS_MAX_FAILS = /\bmax_fails\s*=\s*0*[1-9]/;
const HAS_STATE = /\bstate\s*=/;

const DEPENDENCES: readonly Dependence[] = [
  {
    keys: ['queue_timeout'],
    isIdle: ({ of, lines }) => of('queue_when_down') !== true && !lines.some((line) => HAS_LIMIT.test(line)),
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

/** Warns of keys that mean nothing as the file stands. One in `[defaults]` does when it means nothing to any server. */
export function remarkOptions(file: unknown, report: Report): void {
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
  const list = tableOf(table['discovery'])['static_list'];
  const lines = Array.isArray(list) ? list.map(String) : [];
  return { table, of: (key) => table[key] ?? defaults[key] ?? DEFAULTS[key], lines };
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
function countsFailures({ of, lines }: Server): boolean {
  return of('max_fails') !== 0 || lines.some((line) => HAS_MAX_FAILS.test(line));
}

/** A state may change at a reload, which is a way down and up, too. */
function hasStates({ lines }: Server): boolean {
  return lines.some((line) => HAS_STATE.test(line));
}

/** What cannot be read is reported elsewhere. */
function isZero(duration: unknown): boolean {
  if (typeof duration !== 'string') return false;
  const reading = parseDuration(duration);
  return 'value' in reading && reading.value === 0;
}

function tableOf(value: unknown): Table {
  return isTable(value) ? value : {};
}
