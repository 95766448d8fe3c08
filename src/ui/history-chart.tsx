import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';

import { CHARTS, type Chart } from '../view/charts.ts';
import { timeText } from '../view/format.ts';
import type { HistoryJson } from '../view/wire.ts';
import { pathOf, read } from './api.ts';
import { whileSeen } from './while-seen.ts';

const REFRESH_MS = 10_000;
const HEIGHT = 180;

/** The last hour of a server. */
export function HistoryChart({ server }: { readonly server: string }) {
  const chart = useSignal<Chart>(CHARTS[0]);
  const history = useSignal<HistoryJson | undefined>(undefined);
  const isFailed = useSignal(false);

  useEffect(() => {
    let isGone = false;
    async function fetchHistory(): Promise<void> {
      try {
        const latest = await read<HistoryJson>(`${pathOf('servers', server)}/history`);
        if (isGone) return;
        history.value = latest;
        isFailed.value = false;
      } catch {
        isFailed.value = true; // Said below; it is asked for again.
      }
    }
    void fetchHistory();
    const end = whileSeen(() => void fetchHistory(), REFRESH_MS);
    return () => {
      isGone = true;
      end();
    };
  }, [server]);

  return (
    <section class="history">
      <h3>The last hour</h3>
      <div class="choices" role="group" aria-label="What the chart shows">
        {CHARTS.map((each) => (
          <button
            key={each.title}
            type="button"
            aria-pressed={each === chart.value}
            onClick={() => (chart.value = each)}
          >
            {each.title}
          </button>
        ))}
      </div>
      <Lines chart={chart.value} history={history.value} label={`${chart.value.title} of ${server} in the last hour`} />
      {isFailed.value && <p class="note">The history cannot be read now.</p>}
      {history.value?.active.length === 0 && <p class="note">The first points appear within ten seconds.</p>}
    </section>
  );
}

interface LinesProps {
  readonly chart: Chart;
  readonly history: HistoryJson | undefined;
  readonly label: string;
}

function Lines({ chart, history, label }: LinesProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef<uPlot.AlignedData>([[]]);
  if (history !== undefined) latest.current = dataOf(chart, history);

  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(chart, element), latest.current, element);
    };
    draw();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    const themed = new MutationObserver(draw);
    themed.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      resized.disconnect();
      themed.disconnect();
      scheme.removeEventListener('change', draw);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [chart]);

  useEffect(() => plot.current?.setData(latest.current), [history, chart]);
  return <div ref={place} class="chart" role="img" aria-label={label} />;
}

/** Seconds since the epoch, and a line for each series. */
function dataOf({ series }: Chart, history: HistoryJson): uPlot.AlignedData {
  const end = Date.parse(history.at) / 1000;
  const step = history.step_ms / 1000;
  const count = history.active.length;
  const times = history.active.map((_point, index) => end - (count - 1 - index) * step);
  return [times, ...series.map(({ of }) => [...history[of]])];
}

function optionsOf({ series, text }: Chart, element: HTMLElement): uPlot.Options {
  const colours = getComputedStyle(element);
  const ink = colours.getPropertyValue('--muted');
  const line = colours.getPropertyValue('--line');
  const axis = {
    stroke: ink,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1 },
    font: '11px system-ui',
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    scales: { y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.05 : 1] } },
    axes: [
      { ...axis, values: (_plot, times, _axis, _space, step) => times.map((time) => momentText(time, step)) },
      { ...axis, size: 62, values: (_plot, values) => values.map(text) },
    ],
    series: [
      {
        label: 'Time',
        value: (_plot: uPlot, seconds: number | null) => (seconds === null ? '–' : momentText(seconds, 0)),
      },
      ...series.map(({ label, colour }) => ({
        label,
        stroke: colours.getPropertyValue(colour),
        width: 1.5,
        points: { show: false },
        value: (_plot: uPlot, value: number | null) => (value === null ? '–' : text(value)),
      })),
    ],
  };
}

/** @param seconds since the epoch @param step between two of them; from a minute on seconds are left out */
function momentText(seconds: number, step: number): string {
  const text = timeText(new Date(seconds * 1000));
  return step < 60 ? text : text.slice(0, 'hh:mm'.length);
}
