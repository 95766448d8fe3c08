export interface Redaction {
  /** Whether passwords and tokens are shown; else they are `"[redacted]"`. Absent: not. */
  readonly secrets?: boolean;
}
