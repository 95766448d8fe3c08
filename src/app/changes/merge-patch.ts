import { isTable } from '../../config/schema/examine.ts';

/** Deeper than any configuration; a body may be nested to any depth. */
const DEEPEST = 32;

/**
 * A value changed by another as RFC 7396 says: tables key by key, null removes, anything else replaces. Deeper than any
 * configuration, everything replaces.
 */
export function mergePatch(target: unknown, patch: unknown, depth = 0): unknown {
  if (!isTable(patch) || depth > DEEPEST) return patch;
  const result = new Map(Object.entries(isTable(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key);
    else result.set(key, mergePatch(result.get(key), value, depth + 1));
  }
  return Object.fromEntries(result);
}
