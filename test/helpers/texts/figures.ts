import { Agent } from 'node:http';

import type { IpAddress } from '../../../src/core/address.ts';
import { CAUSE_CODES } from '../../../src/core/cause.ts';
import { ask } from '../sockets/web.ts';
import { parseExposition } from './exposition.ts';
import { parseCsv } from './haproxy-csv.ts';

/** What one backend counted, whoever tells it. */
export interface BackendFigures {
  readonly total: number;
  readonly refused: number;
  readonly active: number;
  /** Bytes from it and to it. */
  readonly rx: number;
  readonly tx: number;
}

export interface Measured {
  readonly connect: number;
  readonly queue: number;
  readonly duration: number;
  readonly bytes: number;
  readonly sumOfBytes: number;
}

/** What one server counted; a source leaves out what it does not tell. */
export interface ServerFigures {
  readonly active: number;
  readonly rx: number;
  readonly tx: number;
  readonly accepted?: number;
  readonly denied?: number;
  readonly noBackend?: number;
  /** Connections to all backends, and failed dials of them. */
  readonly connected?: number;
  readonly refused?: number;
  readonly retried?: number;
  /** Only those that occurred. */
  readonly causes?: Readonly<Record<string, number>>;
  /** Of how many connections time and bytes were measured, and the sum of those bytes. */
  readonly measured?: Measured;
  /** By key. */
  readonly backends: Readonly<Record<string, BackendFigures>>;
}

/** By server. */
export type Figures = Readonly<Record<string, ServerFigures>>;

const agent = new Agent({ keepAlive: false });

async function read(address: IpAddress, path: string): Promise<string> {
  const { status, body } = await ask(address, path, { agent });
  if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
  return body;
}

interface V1Histogram {
  readonly counts: readonly number[];
  readonly sum: number;
}

interface V1Server extends Omit<ServerFigures, 'backends' | 'measured' | 'noBackend'> {
  readonly name: string;
  readonly accepted: number;
  readonly denied: number;
  readonly no_backend: number;
  readonly connected: number;
  readonly refused: number;
  readonly retried: number;
  readonly causes: Readonly<Record<string, number>>;
  readonly histograms: Readonly<Record<'connect' | 'queue' | 'duration' | 'bytes', V1Histogram>>;
  readonly backends: readonly (BackendFigures & { readonly key: string })[];
}

export async function figuresOfV1(address: IpAddress, path = '/v1/stats'): Promise<Figures> {
  const { servers } = JSON.parse(await read(address, path)) as { servers: readonly V1Server[] };
  return figuresOfSnapshot(servers);
}

/** @param servers as they stand in a snapshot of /v1 */
export function figuresOfSnapshot(servers: readonly V1Server[]): Figures {
  return Object.fromEntries(
    servers.map(({ name, active, rx, tx, accepted, denied, causes, histograms, backends, ...others }) => {
      const { connected, refused, retried, no_backend: noBackend } = others;
      const counts = { active, rx, tx, accepted, denied, noBackend, connected, refused, retried, causes };
      return [name, { ...counts, measured: measuredOf(histograms), backends: byKey(backends) }];
    }),
  );
}

function measuredOf({ connect, queue, duration, bytes }: V1Server['histograms']): Measured {
  const count = ({ counts }: V1Histogram) => counts.reduce((sum, each) => sum + each, 0);
  return {
    connect: count(connect),
    queue: count(queue),
    duration: count(duration),
    bytes: count(bytes),
    sumOfBytes: bytes.sum,
  };
}

function byKey(backends: readonly (BackendFigures & { readonly key: string })[]): ServerFigures['backends'] {
  return Object.fromEntries(
    backends.map(({ key, total, refused, active, rx, tx }) => [key, { total, refused, active, rx, tx }]),
  );
}

interface GobetweenStats {
  readonly active_connections: number;
  readonly rx_total: number;
  readonly tx_total: number;
  readonly backends: readonly {
    readonly host: string;
    readonly port: string;
    readonly stats: Readonly<
      Record<'total_connections' | 'refused_connections' | 'active_connections' | 'rx' | 'tx', number>
    >;
  }[];
}

/** By gobetween's `GET /servers/:name/stats`. */
export async function figuresOfGobetween(address: IpAddress): Promise<Figures> {
  const names = Object.keys(JSON.parse(await read(address, '/servers')) as object);
  const servers = names.map(async (name) => {
    const stats = JSON.parse(await read(address, `/servers/${name}/stats`)) as GobetweenStats;
    const backends = stats.backends.map(({ host, port, stats: of }) => [
      `${host}:${port}`,
      {
        total: of.total_connections,
        refused: of.refused_connections,
        active: of.active_connections,
        rx: of.rx,
        tx: of.tx,
      },
    ]);
    const { active_connections: active, rx_total: rx, tx_total: tx } = stats;
    return [name, { active, rx, tx, backends: Object.fromEntries(backends) as ServerFigures['backends'] }] as const;
  });
  return Object.fromEntries(await Promise.all(servers));
}

/** By our names in a scrape, held against gobetween's in the same scrape. @throws Error where the two differ */
export async function figuresOfMetrics(address: IpAddress, like: Figures): Promise<Figures> {
  const { samples } = parseExposition(await read(address, '/metrics'));
  const value = (name: string, labels: Readonly<Record<string, string>>): number => {
    const text = Object.entries(labels).map(([key, label]) => `${key}="${label}"`);
    const found = samples.get(`${name}{${text.sort().join(',')}}`);
    if (found === undefined) throw new Error(`no sample ${name} of ${text.join()}`);
    return found;
  };
  const both = (ours: string, theirs: string, labels: Readonly<Record<string, string>>): number => {
    const [one, other] = [value(ours, labels), value(theirs, labels)];
    if (one !== other) throw new Error(`${ours} is ${one}, ${theirs} is ${other}`);
    return one;
  };
  const backend = (server: string, key: string): BackendFigures => {
    const colon = key.lastIndexOf(':');
    const labels = { server, host: key.slice(0, colon), port: key.slice(colon + 1) };
    return {
      total: both('tslb_backend_connections_total', 'gobetween_backend_total_connections', labels),
      refused: both('tslb_backend_failed_dials_total', 'gobetween_backend_refused_connections', labels),
      active: both('tslb_backend_active_connections', 'gobetween_backend_active_connections', labels),
      rx: both('tslb_backend_rx_bytes_total', 'gobetween_backend_rx_bytes', labels),
      tx: both('tslb_backend_tx_bytes_total', 'gobetween_backend_tx_bytes', labels),
    };
  };
  const server = (name: string, keys: readonly string[]): ServerFigures => {
    const of = { server: name };
    const causes = CAUSE_CODES.map((cause) => [cause, value('tslb_server_ended_total', { ...of, cause })] as const);
    return {
      active: both('tslb_server_active_connections', 'gobetween_server_active_connections', of),
      rx: both('tslb_server_rx_bytes_total', 'gobetween_server_rx_total', of),
      tx: both('tslb_server_tx_bytes_total', 'gobetween_server_tx_total', of),
      accepted: value('tslb_server_connections_total', of),
      denied: value('tslb_server_denied_total', { ...of, reason: 'access' }),
      noBackend: value('tslb_server_no_backend_total', of),
      retried: value('tslb_server_retries_total', of),
      causes: Object.fromEntries(causes.filter(([, count]) => count > 0)),
      measured: {
        connect: value('tslb_server_connect_duration_seconds_count', of),
        queue: value('tslb_server_queue_duration_seconds_count', of),
        duration: value('tslb_server_connection_duration_seconds_count', of),
        bytes: value('tslb_server_connection_bytes_count', of),
        sumOfBytes: value('tslb_server_connection_bytes_sum', of),
      },
      backends: Object.fromEntries(keys.map((key) => [key, backend(name, key)])),
    };
  };
  return Object.fromEntries(
    Object.entries(like).map(([name, { backends }]) => [name, server(name, Object.keys(backends))]),
  );
}

/** By HAProxy's table. */
export async function figuresOfCsv(address: IpAddress): Promise<Figures> {
  const { rows } = parseCsv(await read(address, '/stats;csv'));
  const names = [...new Set(rows.map(({ pxname = '' }) => pxname))];
  return Object.fromEntries(
    names.map((name) => {
      const lines = rows.filter(({ pxname }) => pxname === name);
      const [frontend, ...others] = lines;
      const number = (row: Readonly<Record<string, string>> | undefined, column: string) => Number(row?.[column]);
      const backends = others
        .filter(({ svname }) => svname !== 'BACKEND')
        .map((row) => [
          row['svname'],
          {
            total: number(row, 'stot'),
            refused: number(row, 'econ'),
            active: number(row, 'scur'),
            rx: number(row, 'bout'),
            tx: number(row, 'bin'),
          },
        ]);
      const figures: ServerFigures = {
        active: number(frontend, 'scur'),
        rx: number(frontend, 'bout'),
        tx: number(frontend, 'bin'),
        accepted: number(frontend, 'conn_tot'),
        denied: number(frontend, 'dcon'),
        connected: number(others.at(-1), 'stot'),
        retried: number(others.at(-1), 'wredis'),
        backends: Object.fromEntries(backends) as ServerFigures['backends'],
      };
      return [name, figures];
    }),
  );
}
