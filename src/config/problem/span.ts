/** A piece of a text: from an index up to one that is not part of it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}
