import { bytesText, countText, rateText } from './format.ts';
import type { HistoryJson } from './wire.ts';

interface Series {
  readonly of: Exclude<keyof HistoryJson, 'step_ms' | 'at'>;
  readonly label: string;
  /** The name of a colour of the page. */
  readonly colour: string;
}

/** What the chart of the last hour can show. */
export interface Chart {
  readonly title: string;
  readonly series: readonly Series[];
  readonly text: (value: number) => string;
}

export const CHARTS = [
  {
    title: 'Connections',
    series: [
      { of: 'active', label: 'Open', colour: '--line-1' },
      { of: 'waiting', label: 'In the queue', colour: '--line-2' },
    ],
    text: (value) => (Number.isInteger(value) ? countText(value) : value.toFixed(1)),
  },
  {
    title: 'New per second',
    series: [
      { of: 'connections', label: 'New', colour: '--line-1' },
      { of: 'errors', label: 'Failed', colour: '--line-3' },
    ],
    text: (value) => `${rateText(value)}/s`,
  },
  {
    title: 'Bytes per second',
    series: [
      { of: 'tx', label: 'In', colour: '--line-2' },
      { of: 'rx', label: 'Out', colour: '--line-1' },
    ],
    text: (value) => `${bytesText(value)}/s`,
  },
] as const satisfies readonly Chart[];
