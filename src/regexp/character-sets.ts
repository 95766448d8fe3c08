/** Characters by their codes, and whether those beyond 127 belong to them. */
export interface CharacterSet {
  /** 1 for each code that is in it. */
  readonly codes: Uint8Array;
  other: boolean;
}

export function newSet(ranges: readonly (readonly [from: number, to: number])[], other: boolean): CharacterSet {
  const codes = new Uint8Array(128);
  for (const [from, to] of ranges) codes.fill(1, from, to + 1);
  return { codes, other };
}

function where(pattern: RegExp, other = false): CharacterSet {
  const codes = Uint8Array.from({ length: 128 }, (_, code) => (pattern.test(String.fromCharCode(code)) ? 1 : 0));
  return { codes, other };
}

/** What a backslash and a letter stand for, in an expression and in a class. */
export const ESCAPES: Readonly<Partial<Record<string, CharacterSet>>> = {
  d: where(/\d/),
  D: where(/\D/, true),
  w: where(/\w/),
  W: where(/\W/, true),
  s: where(/[\t\n\f\r ]/),
  S: where(/[^\t\n\f\r ]/, true),
  t: where(/\t/),
  n: where(/\n/),
  r: where(/\r/),
  f: where(/\f/),
  v: where(/\v/),
};

/** The names in `[[:alpha:]]`. */
export const CLASSES: Readonly<Partial<Record<string, CharacterSet>>> = {
  alnum: where(/[0-9A-Za-z]/),
  alpha: where(/[A-Za-z]/),
  digit: where(/\d/),
  lower: where(/[A-Za-z]/),
  upper: where(/[A-Za-z]/),
  punct: where(/[!-/:-@[-`{-~]/),
  space: where(/\s/),
  word: where(/\w/),
  xdigit: where(/[0-9A-Fa-f]/),
};
