import { SAMPLES } from '../view/tracks.ts';

const HEIGHT = 18;

interface SparkProps {
  /** Oldest first; undefined is none yet. */
  readonly samples: readonly number[] | undefined;
  readonly label: string;
}

/** The last minute as a small line; its height is the most of them. */
export function Spark({ samples = [], label }: SparkProps) {
  const most = Math.max(...samples, Number.MIN_VALUE);
  const first = SAMPLES - samples.length;
  const y = (value: number): string => (HEIGHT - 1 - (value / most) * (HEIGHT - 3)).toFixed(1);
  const line = samples.map((value, index) => `${first + index},${y(value)}`).join(' ');
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${SAMPLES - 1} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {samples.length > 1 && (
        <>
          <polygon points={`${first},${HEIGHT} ${line} ${SAMPLES - 1},${HEIGHT}`} />
          <polyline points={line} />
        </>
      )}
    </svg>
  );
}
