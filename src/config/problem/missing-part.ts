/** A part that is not built yet, and what its absence means for a service that wants it. */
export interface MissingPart {
  readonly name: string;
  readonly meaning: string;
}
