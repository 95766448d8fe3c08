import * as z from 'zod';

import { refuse } from '../../config/values/refuse.ts';
import { parsedText } from '../../config/values/values.ts';
import { addressText } from '../../core/address.ts';
import type { BackendOverride, BackendOverrides } from '../../core/backend-overrides.ts';
import { backendKey, MOST_BACKENDS } from '../../core/backend.ts';
import type { JsonTable } from '../../core/json.ts';
import { parseBackendLine, parseTarget } from './backend-line.ts';
import { backendLine, overrideSchema, overrideTable } from './backend-table.ts';

const NOT_IN_GOBETWEEN = 'Not in gobetween.';

const changedSchema = z
  .record(z.string(), overrideSchema.meta({ description: 'What of the backend is other than its source says.' }))
  .transform((tables, context) => {
    const changed = new Map<string, BackendOverride>();
    for (const [key, override] of Object.entries(tables)) {
      const target = parseTarget(key);
      if ('value' in target) changed.set(addressText(target.value), override);
      else
        refuse(
          context,
          target.faults.map(({ offset: _, ...fault }) => fault),
          key,
        );
    }
    return changed;
  })
  .optional()
  .meta({ title: 'table', description: 'Backends that are other than the source says, by their addresses.' });

/** What holds over the list of any source. */
export const overridesSchema = z
  .object({
    added: z
      .array(parsedText(parseBackendLine).meta({ examples: ['10.0.0.3:80 weight=2'] }))
      .max(MOST_BACKENDS)
      .default([])
      .meta({
        title: 'list of backends',
        description:
          'Backends that are there whatever the source says, each as text (see Backends); they do not wait for it.',
        gobetween: NOT_IN_GOBETWEEN,
      }),
    removed: z
      .array(parsedText(parseTarget).meta({ examples: ['10.0.0.9:80'] }))
      .max(MOST_BACKENDS)
      .default([])
      .meta({
        title: 'list of addresses',
        description: 'Addresses of backends that are not used although the source names them.',
        gobetween: NOT_IN_GOBETWEEN,
      }),
    changed: changedSchema,
  })
  .transform(({ added, removed, changed = new Map() }): BackendOverrides => ({
    added: new Map(added.map((spec) => [backendKey(spec), spec])),
    removed: new Set(removed.map(addressText)),
    changed,
  }))
  .meta({
    description:
      'What holds over the list of backends. A dump of the configuration writes here what was changed while tslb ran,' +
      ' unless the list itself stands in the file.',
  });

/** The table that is read as these overrides. */
export function overridesTable({ added, removed, changed }: BackendOverrides): JsonTable {
  const entries = [...changed].map(([key, override]) => [key, overrideTable(override)]);
  return {
    ...(added.size > 0 && { added: [...added.values()].map(backendLine) }),
    ...(removed.size > 0 && { removed: [...removed] }),
    ...(entries.length > 0 && { changed: Object.fromEntries(entries) as JsonTable }),
  };
}
