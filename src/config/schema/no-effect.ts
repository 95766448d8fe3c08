import type { Path } from '../problem/path.ts';
import type { Problem } from '../problem/problem.ts';

interface Idle {
  readonly path: Path;
  /** What the key needs to have an effect. */
  readonly without: string;
  readonly suggestion: string;
}

/** Warns of a key that has no effect as the file stands. */
export function noEffect(key: string, { path, without, suggestion }: Idle): Problem {
  const message = `${key} has no effect without ${without}`;
  return { code: 'TSLB_CONFIG_NO_EFFECT', severity: 'warning', path, at: 'key', message, suggestion };
}
