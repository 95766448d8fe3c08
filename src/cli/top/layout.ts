/** The lines above and below the rows: three of figures, the titles; a message, the keys. */
export const HEAD_LINES = 4;
export const FOOT_LINES = 2;

/** How many rows fit on a screen. */
export function pageOf({ rows }: { readonly rows: number }): number {
  return Math.max(1, rows - HEAD_LINES - FOOT_LINES);
}
