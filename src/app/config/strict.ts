import type { Path } from '../../config/problem/path.ts';
import { type Problem, quoted } from '../../config/problem/problem.ts';
import { isTable } from '../../config/schema/examine.ts';

/**
 * The problems of a table that was sent: an unknown key, of which a file is only warned, is an error, for its sender
 * expects an effect.
 * @param sent the part of the table that was sent; unknown keys elsewhere stay warnings
 * @param at the path of the table
 */
export function strict(problems: readonly Problem[], sent: unknown, at: Path = []): readonly Problem[] {
  return problems.map((problem) => {
    const { code, path } = problem;
    const isInside = at.every((part, index) => path[index] === part) && stands(sent, path.slice(at.length));
    if (code !== 'TSLB_CONFIG_KEY_UNKNOWN' || !isInside) return problem;
    return { ...problem, severity: 'error', message: `the key ${quoted(String(path.at(-1)))} has no effect here` };
  });
}

function stands(value: unknown, [part, ...rest]: Path): boolean {
  if (part === undefined) return true;
  if (Array.isArray(value)) return stands(value[Number(part)], rest);
  return isTable(value) && Object.hasOwn(value, part) && stands(value[part], rest);
}
