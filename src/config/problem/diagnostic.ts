import type { MissingPart } from './missing-part.ts';

/** Every code a diagnostic can have, and what it means. The reference page is made from this table. */
export const DIAGNOSTIC_CODES = {
  TSLB_CONFIG_FILE: 'The file cannot be read: it does not exist, is a directory or may not be opened.',
  TSLB_CONFIG_SIZE: 'The file is larger than 4 MiB and is not read, or it has more errors than can be listed.',
  TSLB_CONFIG_ENCODING: 'The file is not UTF-8 text.',
  TSLB_CONFIG_SYNTAX: 'The file is not valid TOML or JSON.',
  TSLB_CONFIG_DUPLICATE_KEY: 'A key or section is defined twice.',
  TSLB_CONFIG_KEY_TYPO: 'An unknown key that differs from a known key by one or two letters.',
  TSLB_CONFIG_KEY_CASE: 'A known key with other upper and lower case letters. It is read as the known key.',
  TSLB_CONFIG_KEY_UNKNOWN: 'A key that is unknown, or that belongs to another kind or table. In a file it is ignored.',
  TSLB_CONFIG_KEY_DEAD: 'A key of many gobetween files that gobetween itself ignores. It is ignored here too.',
  TSLB_CONFIG_NOT_BUILT: 'A key, kind or value, of gobetween or planned, that this version does not support yet.',
  TSLB_CONFIG_MISSING: 'A required key or section is absent.',
  TSLB_CONFIG_TYPE: 'A value of the wrong type, such as a number where a string is expected.',
  TSLB_CONFIG_VALUE: 'A value that the key does not accept.',
  TSLB_CONFIG_LOG_FORMAT: 'A log format that is neither text nor json; text is used, as gobetween does.',
  TSLB_CONFIG_RANGE: 'A number outside the range of its key.',
  TSLB_CONFIG_DURATION: 'A text that is not a duration, or a negative duration.',
  TSLB_CONFIG_RATE: 'A text that is not a rate. `10/s` is a rate.',
  TSLB_CONFIG_BIND: 'An address that cannot be bound as it is written.',
  TSLB_CONFIG_BIND_TAKEN: 'An address that is bound twice.',
  TSLB_CONFIG_SERVER_NAME: 'A server name that is empty, is `.` or `..`, or has a slash or control characters.',
  TSLB_CONFIG_RESERVED_NAME: 'A key or server name that is a member of every JavaScript object, such as constructor.',
  TSLB_CONFIG_ACCESS_RULE: 'An access rule that is not "allow" or "deny" with an IP address or CIDR.',
  TSLB_CONFIG_BACKEND: 'A backend whose address cannot be used as it is written.',
  TSLB_CONFIG_BACKEND_OPTION: 'An option of a backend that is unknown, given twice or has a wrong value.',
  TSLB_CONFIG_BACKEND_TWICE: 'A backend that is listed twice. The last entry is used.',
  TSLB_CONFIG_NO_EFFECT: 'A key that has no effect without another one, which is absent or switched off.',
  TSLB_CONFIG_ESCAPE: 'A backslash in the text of a probe that does not begin an escape of a Go string.',
  TSLB_CONFIG_PATTERN: 'A text that is not a regular expression.',
  TSLB_CONFIG_STATUS: 'A text that is not a list of HTTP statuses.',
  TSLB_CONFIG_LOGIN: 'A login or password that basic auth cannot carry.',
  TSLB_CONFIG_NO_LOGIN: 'A service without a login that other machines can reach, or that can change something.',
  TSLB_CONFIG_REDACTED: 'The placeholder for a secret. A dump without secrets has it.',
  TSLB_CONFIG_URI: 'A text that cannot be the path of the stats page.',
  TSLB_CONFIG_REALM: 'A realm that cannot stand in an HTTP header.',
  TSLB_CONFIG_STATE_FILE: 'A reload names another state file, which exists already. Its content would be lost.',
  TSLB_CONFIG_NO_BACKENDS:
    'A static list that is empty, or in which every backend is disabled. No connection gets a backend.',
} as const satisfies Record<`TSLB_CONFIG_${string}`, string>;

export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;

export type Severity = 'error' | 'warning';

/** A source line, or the part of a long one around the place. */
export interface Excerpt {
  readonly text: string;
  /** Index into `text` of the character that is meant. */
  readonly caret: number;
}

/** One thing that is wrong in a config file, and where. */
export interface Diagnostic {
  readonly severity: Severity;
  readonly code: DiagnosticCode;
  readonly file: string;
  /** From 1; absent when only the file is known. */
  readonly line?: number;
  /** From 1, in UTF-16 code units as editors count; absent when only the file is known. */
  readonly column?: number;
  /** `servers.web.discovery.static_list[1]`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong, in one line. */
  readonly message: string;
  /** What would be right here. */
  readonly expected?: string;
  /** What to write or do instead. */
  readonly suggestion?: string;
  /** The part that is not built yet: one for all places that want it, and what its absence means. */
  readonly missing?: MissingPart;
  /** What the line does not show. */
  readonly note?: string;
  /** The line it is about, for reading: variables by their names, without secrets. */
  readonly excerpt?: Excerpt;
}

/** What does not say how severe it is, is an error. */
export function isError({ severity }: { readonly severity?: Severity | undefined }): boolean {
  return severity !== 'warning';
}

/** By place in the file; what has no place comes first. */
export function byPosition(a: Diagnostic, b: Diagnostic): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
