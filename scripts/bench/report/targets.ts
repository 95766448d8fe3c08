import { FIGURES, type Figure, numberText } from '../figures.ts';
import type { SubjectName } from '../subjects/registry.ts';
import type { WorkName } from '../works/registry.ts';
import { markdownTable } from './markdown.ts';
import type { Summary } from './summary.ts';

/** What tslb is held to: a share of the best of these subjects, or a value of its own. */
interface Target {
  readonly title: string;
  readonly work: WorkName;
  readonly figure: Figure;
  readonly against: readonly SubjectName[];
  /** At most, or at least where more is better. Of a target against nobody in the figure's own unit; none is stated. */
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
    const { work, figure, against, bound } = target;
    const value = (subject: SubjectName): number | undefined => summary.median({ threads, work, subject }, figure);
    const best = (subjects: readonly SubjectName[]): number | undefined => bestOf(figure, subjects.map(value));
    const tslb = value('epoll');
    if (tslb === undefined) return [];
    const shown = HAPROXY.filter((name) => against.includes(name));
    const reference = best(against);
    const ratio = reference === undefined ? undefined : tslb / reference;
    const judged = against.length === 0 ? tslb : ratio;
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
