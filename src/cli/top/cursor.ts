import type { Cursor } from './state.ts';

/** Moves by so many rows, not beyond the ends. */
export function moved(cursor: Cursor, ids: readonly string[], by: number, page: number): Cursor {
  const { index } = clamped(cursor, ids, page);
  const next = Math.max(0, Math.min(ids.length - 1, index + by));
  return clamped({ ...cursor, id: ids[next] ?? '', index: next }, ids, page);
}

/**
 * After rows have come, gone or changed places, or the screen its size: the same row is chosen wherever it is now, or
 * else the one in its place; and it is on the screen, which is full where there is enough to fill it.
 */
export function clamped({ id, index, offset }: Cursor, ids: readonly string[], page: number): Cursor {
  const found = ids.indexOf(id);
  const now = found >= 0 ? found : Math.max(0, Math.min(index, ids.length - 1));
  const lowest = Math.max(0, Math.min(now, ids.length - page));
  const first = Math.max(now - page + 1, Math.min(offset, lowest, now));
  return { id: ids[now] ?? '', index: now, offset: Math.max(0, first) };
}
