import type { Span, Spans } from '../soak/spans.ts';

/** When a backend was down though it had been well for long enough. */
export interface DownTime {
  readonly down: Span;
  /** The first moment for which there is no reason. */
  readonly since: number;
}

/**
 * @param downs when it was down
 * @param troubles when its checks could fail
 * @param allowedMs how long after the end of a trouble it may still be down
 */
export function unjustified(downs: Spans, troubles: readonly Span[], allowedMs: (end: number) => number): DownTime[] {
  return downs.all.flatMap((down) => {
    const since = firstUncovered(
      down,
      troubles.map(({ from, to }) => ({ from, to: to + allowedMs(to) })),
    );
    return since === undefined ? [] : [{ down, since }];
  });
}

/** @param covers in the order of their beginnings */
function firstUncovered({ from, to }: Span, covers: readonly Span[]): number | undefined {
  let at = from;
  for (const cover of covers) if (cover.from <= at && cover.to > at) at = cover.to;
  return at < to ? at : undefined;
}
