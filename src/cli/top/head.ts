import { visible } from '../../config/problem/diagnostic-line.ts';
import { widthOf } from '../text/columns.ts';
import { errorsOf } from '../text/errors-of.ts';
import { ageText, bytesText, compactText, durationText, percentText, rateText } from '../../view/format.ts';
import type { Line, Span } from './line.ts';
import type { ApiConnection, TopState } from './state.ts';

/** The three lines of figures above everything. @param now in milliseconds since the epoch */
export function headLines(state: TopState, now: number): readonly Line[] {
  return [titleLine(state, now), processLine(state), trafficLine(state)];
}

function titleLine({ info, snapshot, address, apiConnection, size }: TopState, now: number): Line {
  const threads = snapshot?.threads.length ?? info?.threads.length;
  const parts = [
    ...(info === undefined ? [] : [`tslb ${info.version}`, info.engine]),
    ...(threads === undefined ? [] : [threads === 1 ? '1 thread' : `${threads} threads`]),
    ...(snapshot === undefined ? [] : [`up ${ageText(snapshot.process.uptime_ms)}`]),
    ...(info === undefined ? [] : [`pid ${info.pid}`]),
    address,
  ];
  const left = visible(parts.join('  '));
  const right = apiConnectionSpan(apiConnection, now);
  // What the connection is doing is never cut off by the rest.
  const gap = Math.max(2, size.columns - widthOf(left) - widthOf(right.text));
  if (widthOf(left) + gap + widthOf(right.text) > size.columns) return { spans: [right, '  ', left] };
  return { spans: [{ text: left, format: 'bold' }, ' '.repeat(gap), right] };
}

function apiConnectionSpan(apiConnection: ApiConnection, now: number): Exclude<Span, string> {
  if (apiConnection.kind === 'live') return { text: 'live', format: 'green' };
  if (apiConnection.kind === 'connecting') return { text: 'connecting', format: 'yellow' };
  return { text: `connection lost ${ageText(now - apiConnection.since)} ago`, format: ['red', 'bold'] };
}

function processLine({ info, snapshot }: TopState): Line {
  if (snapshot === undefined) return { spans: [] };
  const { cpu, rss_bytes: memory, loop_delay_ms: delay, open_files: files } = snapshot.process;
  const limit = info?.open_files_limit;
  return figures([
    ['cpu', percentText(cpu)],
    ['memory', bytesText(memory)],
    ['loop', durationText(delay)],
    ...(files === undefined
      ? []
      : [['files', compactText(files) + (limit === undefined ? '' : `/${compactText(limit)}`)] as const]),
  ]);
}

function trafficLine({ snapshot }: TopState): Line {
  if (snapshot === undefined) return { spans: [] };
  const { servers } = snapshot;
  const sum = (of: (server: (typeof servers)[number]) => number): number =>
    servers.reduce((total, server) => total + of(server), 0);
  return figures([
    ['connections', compactText(sum(({ active }) => active))],
    ['waiting', compactText(sum(({ waiting }) => waiting))],
    [
      'new/s',
      rateText(
        sum(({ rates }) => rates.connections),
        compactText,
      ),
    ],
    ['in/s', bytesText(sum(({ rates }) => rates.tx))],
    ['out/s', bytesText(sum(({ rates }) => rates.rx))],
    ['errors', compactText(sum(errorsOf))],
  ]);
}

function figures(pairs: readonly (readonly [name: string, value: string])[]): Line {
  return {
    spans: pairs.flatMap(([name, value], index) => [
      { text: `${index === 0 ? '' : '   '}${name} `, format: 'dim' as const },
      value,
    ]),
  };
}
