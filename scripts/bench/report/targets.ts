import { FIGURES, type Figure, numberText } from '../figures.ts';
import type { SubjectName } from '../subjects/registry.ts';
import type { WorkName } from '../works/registry.ts';
import { markdownTable } from './markdown.ts';
import type { Summary } from './summary.ts';

/** What tslb is held to: a share of the best of these subjects, or of what it does in another work, or a value of its own. */
interface Target {
  readonly title: string;
  readonly work: WorkName;
  readonly figure: Figure;
  readonly against: readonly SubjectName[];
  /** Of tslb, if not `epoll`. */
  readonly of?: SubjectName;
  /** Whose figure of tslb's own is the reference. */
  readonly beside?: WorkName;
  /** At most, or at least where more is better. Of a target without a reference in the figure's own unit; none is stated. */
  readonly bound: number | undefined;
}

const HAPROXY = ['haproxy', 'haproxy-splice'] as const;
const BOTH = [...HAPROXY, 'nginx'] as const;

const TARGETS: readonly Target[] = [
  {
    title: 'CPU per keep-alive request',
    work: 'keep-alive',
    figure: 'cpuSPer100kRequests',
    against: BOTH,
    bound: 0.85,
  },
  { title: 'keep-alive rate', work: 'keep-alive', figure: 'perSecond', against: BOTH, bound: 1 },
  { title: 'keep-alive p99', work: 'keep-alive', figure: 'p99Ms', against: BOTH, bound: 1 },
  {
    title: 'CPU per new connection, against HAProxy',
    work: 'connections',
    figure: 'cpuSPer10kConnections',
    against: ['haproxy'],
    bound: 1,
  },
  {
    title: 'CPU per GB, against HAProxy with splice',
    work: 'body-10m',
    figure: 'cpuSPerGb',
    against: ['haproxy-splice'],
    bound: 1,
  },
  { title: 'CPU per GB, against nginx', work: 'body-10m', figure: 'cpuSPerGb', against: ['nginx'], bound: 0.35 },
  {
    title: 'private memory per idle connection, B',
    work: 'idle',
    figure: 'privatePerConnectionB',
    against: [],
    bound: 1024,
  },
  { title: 'CPU of idle connections, % of a core', work: 'idle', figure: 'idleCpuPercent', against: [], bound: 1 },
  {
    title: 'p99 beside a paused reader / without',
    work: 'paused-reader',
    figure: 'p99Ratio',
    against: [],
    bound: 1.1,
  },
  {
    title: 'CPU per TLS connection by name, against plain TCP',
    work: 'hello-name',
    figure: 'cpuSPer10kConnections',
    against: [],
    beside: 'hello-plain',
    bound: 1.05,
  },
  {
    title: 'CPU per TLS connection by name, against nginx',
    work: 'hello-name',
    figure: 'cpuSPer10kConnections',
    against: ['nginx'],
    bound: 0.95,
  },
  {
    title: 'CPU per connection behind PROXY v1, against none',
    work: 'hello-proxy-v1',
    figure: 'cpuSPer10kConnections',
    against: [],
    beside: 'hello-plain',
    bound: 1.03,
  },
  {
    title: 'CPU per connection behind PROXY v2, against none',
    work: 'hello-proxy-v2',
    figure: 'cpuSPer10kConnections',
    against: [],
    beside: 'hello-plain',
    bound: 1.03,
  },
  { title: 'CPU per UDP request, 64 bytes', work: 'udp-64b', figure: 'cpuUsPerPair', against: ['nginx'], bound: 0.9 },
  { title: 'UDP request rate, 64 bytes', work: 'udp-64b', figure: 'perSecond', against: ['nginx'], bound: 1.1 },
  {
    title: 'CPU per UDP request, 1,200 bytes',
    work: 'udp-1200b',
    figure: 'cpuUsPerPair',
    against: ['nginx'],
    bound: 0.9,
  },
  { title: 'UDP request rate, 1,200 bytes', work: 'udp-1200b', figure: 'perSecond', against: ['nginx'], bound: 1.1 },
  {
    title: 'CPU per datagram of a burst',
    work: 'udp-bursts',
    figure: 'cpuUsPerDatagram',
    against: ['nginx'],
    bound: 0.35,
  },
  { title: 'CPU per new UDP session', work: 'udp-new', figure: 'cpuUsPerPair', against: ['nginx'], bound: 1 },
  {
    title: 'CPU per UDP request, 64 bytes, engine net',
    work: 'udp-64b',
    figure: 'cpuUsPerPair',
    against: ['nginx'],
    of: 'net',
    bound: 2.5,
  },
  { title: 'RSS at start, MiB', work: 'idle', figure: 'baseRssMib', against: [], bound: undefined },
  { title: 'start to first answer, ms', work: 'idle', figure: 'startMs', against: [], bound: undefined },
];

/** Medians of tslb and of the others, as far as they were measured. */
export interface Outcome {
  readonly target: Target;
  readonly tslb: number;
  readonly haproxy: number | undefined;
  readonly nginx: number | undefined;
  /** tslb's by the reference's. */
  readonly ratio: number | undefined;
  readonly isMet: boolean | undefined;
}

/** The lower, or the higher where more is better; of none undefined. */
export function bestOf(figure: Figure, values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  return FIGURES[figure].better === 'less' ? Math.min(...known) : Math.max(...known);
}

/** @returns only those of which tslb's figure was measured */
export function outcomes(summary: Summary, threads: number): readonly Outcome[] {
  return TARGETS.flatMap((target) => {
    const { work, figure, against, of = 'epoll', beside, bound } = target;
    const value = (subject: SubjectName, one = work): number | undefined =>
      summary.median({ threads, work: one, subject }, figure);
    const best = (subjects: readonly SubjectName[]): number | undefined =>
      bestOf(
        figure,
        subjects.map((subject) => value(subject)),
      );
    const tslb = value(of);
    if (tslb === undefined) return [];
    const shown = HAPROXY.filter((name) => against.includes(name));
    const reference = beside === undefined ? best(against) : value(of, beside);
    const ratio = reference === undefined ? undefined : tslb / reference;
    const isOwn = against.length === 0 && beside === undefined;
    const judged = isOwn ? tslb : ratio;
    return {
      target,
      tslb,
      haproxy: best(shown.length === 0 ? HAPROXY : shown),
      nginx: value('nginx'),
      ratio,
      isMet: judged === undefined || bound === undefined ? undefined : isWithin(figure, judged, bound),
    };
  });
}

function isWithin(figure: Figure, value: number, bound: number): boolean {
  return FIGURES[figure].better === 'less' ? value <= bound : value >= bound;
}

/** What README.md shows. */
export function targetsTable(reached: readonly Outcome[]): string {
  const rows = reached.map(({ target: { title, figure, bound }, tslb, haproxy, nginx, ratio, isMet }) => [
    title,
    numberText(tslb),
    optional(haproxy),
    optional(nginx),
    ratio === undefined ? '' : ratio.toFixed(2),
    bound === undefined ? '' : `${FIGURES[figure].better === 'less' ? '≤' : '≥'} ${bound}`,
    isMet === undefined ? '' : isMet ? 'met' : 'missed',
  ]);
  return markdownTable(['', 'tslb', 'HAProxy', 'nginx', 'ratio', 'target', ''], rows);
}

function optional(value: number | undefined): string {
  return value === undefined ? '' : numberText(value);
}
