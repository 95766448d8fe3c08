/** Results in a row that it takes. */
export interface Thresholds {
  /** To come up; at least 1. */
  readonly passes: number;
  /** To go down; at least 1. */
  readonly fails: number;
}

/** What the results so far say of a backend. */
export interface RiseFall {
  readonly isLive: boolean;
  /** The last result; means nothing before the first. */
  readonly hasPassed: boolean;
  /** Results like it in a row; 0 before the first. */
  readonly consecutive: number;
}

/** Before the first result. */
export function unchecked(isLive: boolean): RiseFall {
  return { isLive, hasPassed: isLive, consecutive: 0 };
}

/** A backend changes only by results that come one after the other: any other result starts the count again. */
export function afterResult(before: RiseFall, hasPassed: boolean, { passes, fails }: Thresholds): RiseFall {
  const consecutive = hasPassed === before.hasPassed ? before.consecutive + 1 : 1;
  const isEnough = consecutive >= (hasPassed ? passes : fails);
  return { isLive: isEnough ? hasPassed : before.isLive, hasPassed, consecutive };
}

/** The last results speak against what is believed, but are not enough yet. */
export function isChanging({ isLive, hasPassed, consecutive }: RiseFall): boolean {
  return consecutive > 0 && hasPassed !== isLive;
}
