import { parseClients } from '../../../src/config/values/clients.ts';
import type { ClientFilter } from '../../../src/core/connection-list.ts';

/** `192.0.2.0/24` as the API reads it. */
export function clientFilter(text: string): ClientFilter {
  const read = parseClients(text);
  if ('value' in read) return read.value;
  throw new TypeError(read.wrong);
}
