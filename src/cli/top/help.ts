import type { Line } from './line.ts';

const HELP: readonly (readonly [keys: string, meaning: string])[] = [
  ['Up Down k j', 'choose a row'],
  ['PgUp PgDn Space', 'by a screenful'],
  ['Home End', 'the first, the last'],
  ['N', 'sort by name'],
  ['C S B', 'by connections, new ones a second, bytes a second'],
  ['E W', 'by errors, by waiting clients; the same key again reverses the order'],
  ['/', 'show only names, addresses and statuses with a text; Esc shows all'],
  ['c Enter', 'the connections of the chosen server or backend'],
  ['d', 'drain the chosen backend: no new clients'],
  ['e', 'enable it'],
  ['x', 'disable it: no new clients, no checks'],
  ['a', 'clear the override of its state: it is the state in the file'],
  ['K Del', 'among connections: cut the chosen one'],
  ['A I O', 'among connections: sort by age, bytes in, bytes out'],
  ['?', 'this help'],
  ['Ctrl-Z', 'suspend; fg comes back'],
  ['q Ctrl-C', 'quit'],
];

/** What the keys do, and what the words mean. */
export const HELP_LINES: readonly Line[] = [
  { spans: [{ text: 'Keys', format: 'bold' }] },
  ...HELP.map(([keys, meaning]): Line => ({ spans: [{ text: `  ${keys.padEnd(17)}`, format: 'bold' }, meaning] })),
  { spans: [] },
  { spans: [{ text: 'Words', format: 'bold' }] },
  { spans: ['  IN is from clients to backends, OUT from backends to clients; * is a runtime override.'] },
  { spans: ['  ERRORS of a server are clients without a backend and failed dials; of a backend, failed dials.'] },
  { spans: ['  Any key closes this.'] },
];
