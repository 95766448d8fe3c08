import { bytesText, countText, rateText } from '../view/format.ts';
import { sumsOf } from '../view/sums.ts';
import { snapshot } from './live.ts';
import { isTroubleOnly } from './view-state.ts';

/** All servers together, in large. */
export function Summary() {
  if (snapshot.value === undefined) return null;
  const sums = sumsOf(snapshot.value.servers);
  return (
    <section class="summary" aria-label="All servers together">
      <Tile label="Connections" value={countText(sums.active)} />
      <Tile label="New per second" value={rateText(sums.connections)} />
      <Tile label="In" value={`${bytesText(sums.tx)}/s`} />
      <Tile label="Out" value={`${bytesText(sums.rx)}/s`} />
      <Tile label="In the queue" value={countText(sums.waiting)} tone={sums.waiting > 0 ? 'warn' : ''} />
      <Tile label="Backends with clients" value={`${sums.serving} of ${sums.listed}`} />
      <button
        type="button"
        class={`tile ${sums.troubled > 0 ? 'bad' : ''}`}
        aria-pressed={isTroubleOnly.value}
        onClick={() => (isTroubleOnly.value = !isTroubleOnly.value)}
      >
        <span class="tile-label">In trouble</span>
        <span class="tile-value">{countText(sums.troubled)}</span>
      </button>
    </section>
  );
}

interface TileProps {
  readonly label: string;
  readonly value: string;
  readonly tone?: string;
}

function Tile({ label, value, tone = '' }: TileProps) {
  return (
    <p class={`tile ${tone}`}>
      <span class="tile-label">{label}</span>
      <span class="tile-value">{value}</span>
    </p>
  );
}
