import { FIGURES, type Figure } from '../figures.ts';
import { type SubjectName, titleOf } from '../subjects/registry.ts';
import type { WorkName } from '../works/registry.ts';
import type { Summary } from './summary.ts';
import { bestOf } from './targets.ts';

/** What the chart shows, from top to bottom. */
const SHOWN: readonly (readonly [string, WorkName, Figure])[] = [
  ['CPU per keep-alive request', 'keep-alive', 'cpuSPer100kRequests'],
  ['keep-alive rate (inverted)', 'keep-alive', 'perSecond'],
  ['keep-alive p99', 'keep-alive', 'p99Ms'],
  ['CPU per new connection', 'connections', 'cpuSPer10kConnections'],
  ['CPU per body of 1 KiB', 'body-1k', 'cpuSPer100kRequests'],
  ['CPU per body of 16 KiB', 'body-16k', 'cpuSPer100kRequests'],
  ['CPU per body of 64 KiB', 'body-64k', 'cpuSPer100kRequests'],
  ['CPU per GB in bodies of 10 MB', 'body-10m', 'cpuSPerGb'],
  ['CPU per byte there and back, 10,000/s', 'ping-1b-10000', 'cpuSPer100kMessages'],
  ['p50 of a byte there and back, 2,000/s', 'ping-1b-2000', 'p50Us'],
  ['p99 of a byte there and back, 2,000/s', 'ping-1b-2000', 'p99Us'],
  ['private memory per idle connection', 'idle', 'privatePerConnectionB'],
  ['CPU per TLS connection by name', 'hello-name', 'cpuSPer10kConnections'],
  ['CPU per UDP request, 64 bytes', 'udp-64b', 'cpuUsPerPair'],
  ['UDP request rate, 64 bytes (inverted)', 'udp-64b', 'perSecond'],
  ['CPU per datagram of a UDP burst', 'udp-bursts', 'cpuUsPerDatagram'],
];

const PEERS = ['haproxy', 'haproxy-splice', 'nginx'] as const;
const BARS = ['epoll', 'net'] as const satisfies readonly SubjectName[];

/** A row of the chart: cost as a multiple of the better peer's, so that shorter is better, whatever the figure. */
export interface Row {
  readonly title: string;
  readonly costs: Readonly<Record<(typeof BARS)[number], number | undefined>>;
}

const WIDTH = 860;
const LABELS = 270;
const PLOT = 525;
const TOP = 64;
const ROW = 34;
const BAR = 11;
/** Costs beyond are cut off, and say so. */
const LARGEST = 3;

export function chartRows(summary: Summary, threads: number): readonly Row[] {
  return SHOWN.flatMap(([title, work, figure]) => {
    const value = (subject: SubjectName): number | undefined => summary.median({ threads, work, subject }, figure);
    const best = bestOf(figure, PEERS.map(value));
    const cost = (subject: SubjectName): number | undefined => {
      const own = value(subject);
      if (own === undefined || best === undefined) return undefined;
      return FIGURES[figure].better === 'less' ? own / best : best / own;
    };
    const [epoll, net] = [cost('epoll'), cost('net')];
    if (epoll === undefined && net === undefined) return [];
    return { title, costs: { epoll, net } };
  });
}

/** Colours follow the reader's system: an image in a page has no other way to know. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .small { font-size: 11px; fill: #59636e; }
  .title { font-size: 15px; font-weight: 600; }
  .epoll { fill: #1a7f37; }
  .net { fill: #afb8c1; }
  .axis { stroke: #d1d9e0; }
  .even { stroke: #1f2328; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .small { fill: #9198a1; }
    .epoll { fill: #3fb950; }
    .net { fill: #656c76; }
    .axis { stroke: #3d444d; }
    .even { stroke: #f0f6fc; }
  }
`;

/** @param subtitle under the title: how many threads, on what machine */
export function chart(rows: readonly Row[], subtitle: string): string {
  const bottom = TOP + rows.length * ROW;
  const height = bottom + 30;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>What tslb costs, as a multiple of the better of HAProxy and nginx</title>
<style>${STYLE}</style>
<text class="title" x="0" y="18">Cost as a multiple of the better of HAProxy and nginx; shorter is better</text>
<text class="small" x="0" y="38">${escaped(subtitle)}</text>
${legend()}
${axis(bottom)}
${rows.map((row, index) => rowText(row, TOP + index * ROW)).join('\n')}
</svg>
`;
}

function legend(): string {
  return BARS.map((name, index) => {
    const x = LABELS + index * 110;
    return `<rect class="${name}" x="${x}" y="45" width="10" height="10"/><text class="small" x="${x + 15}" y="54">${titleOf(name)}</text>`;
  }).join('\n');
}

function axis(bottom: number): string {
  const steps = Array.from({ length: LARGEST * 2 + 1 }, (_, index) => index / 2);
  return steps
    .map((step) => {
      const x = xOf(step).toFixed(1);
      const line = `<line class="${step === 1 ? 'even' : 'axis'}" x1="${x}" y1="${TOP}" x2="${x}" y2="${bottom}"/>`;
      return `${line}<text class="small" x="${x}" y="${bottom + 16}" text-anchor="middle">${step}×</text>`;
    })
    .join('\n');
}

function rowText({ title, costs }: Row, y: number): string {
  const bars = BARS.map((name, index) => {
    const cost = costs[name];
    if (cost === undefined) return '';
    const width = xOf(Math.min(cost, LARGEST)) - LABELS;
    const top = y + 5 + index * (BAR + 1);
    const text = `${cost.toFixed(2)}×${cost > LARGEST ? ' →' : ''}`;
    return `<rect class="${name}" x="${LABELS}" y="${top}" width="${width.toFixed(1)}" height="${BAR}"/><text class="small" x="${(LABELS + width + 4).toFixed(1)}" y="${top + BAR - 1}">${text}</text>`;
  });
  return `<text x="0" y="${y + 21}">${escaped(title)}</text>${bars.join('')}`;
}

function xOf(cost: number): number {
  return LABELS + (cost / LARGEST) * PLOT;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
