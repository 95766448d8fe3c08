export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonTable;

export interface JsonTable {
  readonly [key: string]: JsonValue;
}
