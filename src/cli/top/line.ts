import { clipped, padded, widthOf } from '../text/columns.ts';
import type { Format, Style } from '../text/style.ts';

/** A piece of a line of one look. Its text is visible already (text/columns.ts). */
export type Span = string | { readonly text: string; readonly format: Format };

export interface Line {
  readonly spans: readonly Span[];
  /** The look of the whole line, to the edge of the screen. */
  readonly format?: Format;
}

/** A line as it is written, in exactly so many columns or, without a look of its own, fewer. */
export function painted({ spans, format }: Line, columns: number, style: Style): string {
  let [text, room] = ['', columns];
  for (const span of spans) {
    const piece = clipped(typeof span === 'string' ? span : span.text, room);
    text += typeof span === 'string' ? piece : style(span.format, piece);
    room -= widthOf(piece);
  }
  return format === undefined ? text : style(format, padded(text, columns));
}
