import type { Path } from '../../config/problem/path.ts';
import { type Problem, quoted } from '../../config/problem/problem.ts';
import { isTable } from '../../config/schema/examine.ts';

/**
 * What is wrong with what somebody has sent, where a file would only be warned of: a key that has no effect, of which
 * its sender expects something.
 * @param sent by its keys those are told that were sent from those that it was laid over
 * @param at where it stands
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
