import stringWidth from 'string-width';

import { visible } from '../../config/problem/diagnostic-line.ts';

/** How many columns a terminal gives a text. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

export type Side = 'left' | 'right';

/** Fills a text up with blanks to a width; a wider text stays as it is. */
export function padded(text: string, width: number, side: Side = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return side === 'left' ? text + blanks : blanks + text;
}

const graphemes = new Intl.Segmenter();

/** As much of a text as fits, with … in place of the rest. */
export function clipped(text: string, width: number): string {
  // A text of ASCII that is no longer than the width needs no look at its characters.
  if (widthOf(text) <= width) return text;
  if (width < 1) return '';
  let [kept, used] = ['', 0];
  for (const { segment } of graphemes.segment(text)) {
    used += widthOf(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** A text of others in exactly so many columns, without what a terminal would obey. */
export function fitted(text: string, width: number, side: Side = 'left'): string {
  return padded(clipped(visible(text), width), width, side);
}
