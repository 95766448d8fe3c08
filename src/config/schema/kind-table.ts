import * as z from 'zod';

import type { Kind } from './kind.ts';

/** A kind that has a table of its own in the config file. */
interface KindWithTable extends Kind {
  readonly table: z.core.$ZodTypeDiscriminable;
}

type Tables<Kinds extends readonly KindWithTable[]> = { readonly [Index in keyof Kinds]: Kinds[Index]['table'] };

/** The schema of a table whose key `kind` decides which other keys it has. */
export function tableOfKinds<const Kinds extends readonly [KindWithTable, ...KindWithTable[]]>(kinds: Kinds) {
  // The compiler does not see that a list has as many tables as it has kinds.
  const tables = kinds.map(({ table }) => table) as unknown as Tables<Kinds>;
  return z.discriminatedUnion('kind', tables);
}
