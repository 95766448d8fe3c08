import { styleText } from 'node:util';

import type { BackendWord } from '../../core/backend-status.ts';

export type Format = Parameters<typeof styleText>[0];
export type Style = (format: Format, text: string) => string;

/** Gives a text its colour, or leaves it as it is. */
export function styleFor(hasColour: boolean): Style {
  return hasColour ? (format, text) => styleText(format, text, { validateStream: false }) : (_, text) => text;
}

/** Whether a stream is a terminal with colours, and NO_COLOR is not set. */
export function hasColour(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && stream.hasColors();
}

/** The colour of a backend's status, which is never told by its colour alone. */
export function statusFormat(status: string): Format {
  return isWord(status) ? STATUS_FORMATS[status] : 'red';
}

const STATUS_FORMATS: Readonly<Record<BackendWord, Format>> = {
  up: 'green',
  unchecked: 'green',
  starting: 'cyan',
  draining: 'yellow',
  ejected: 'magenta',
  disabled: 'dim',
  removed: 'dim',
  unresolved: 'red',
  down: 'red',
};

function isWord(status: string): status is BackendWord {
  return Object.hasOwn(STATUS_FORMATS, status);
}
