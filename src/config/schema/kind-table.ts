import * as z from 'zod';

import type { Family, Kind } from './kind.ts';

/** A kind that has a table of its own in the config file. */
interface KindWithTable extends Kind {
  readonly table: z.core.$ZodTypeDiscriminable;
}

/** The schema of a table whose key `kind` decides which other keys it has. */
export function tableOfKinds<Kinds extends Family<KindWithTable>>(kinds: Kinds) {
  type Table = Kinds[keyof Kinds]['table'];
  // The compiler does not see that a family has at least one kind.
  const tables = Object.values(kinds).map(({ table }) => table) as [Table, ...Table[]];
  return z.discriminatedUnion('kind', tables);
}
