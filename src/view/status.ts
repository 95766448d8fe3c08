import type { BackendWord } from '../core/backend-status.ts';
import { ageText, durationText, percentText } from './format.ts';
import type { BackendJson, ServerJson } from './wire.ts';

/** What a colour means. `calm`: as the operator wants it; `warn`: look at it; `bad`: clients suffer. */
export type Tone = 'good' | 'warn' | 'bad' | 'calm';

export interface Status {
  readonly word: string;
  readonly tone: Tone;
  /** Why, on one line; may be empty. */
  readonly note: string;
}

const TONES: Readonly<Record<BackendWord, Tone>> = {
  up: 'good',
  unchecked: 'good',
  starting: 'warn',
  removed: 'calm',
  unresolved: 'bad',
  draining: 'calm',
  disabled: 'calm',
  down: 'bad',
  ejected: 'bad',
};
const WITH_CLIENTS: readonly string[] = ['up', 'unchecked', 'starting'] satisfies BackendWord[];
/** States that no operator has asked for. */
const TROUBLES: readonly BackendWord[] = ['down', 'ejected', 'unresolved'];

export function backendStatus(backend: BackendJson, at: number): Status {
  return { word: backend.status, tone: TONES[backend.status], note: noteOf(backend, at) };
}

/** The state of a server by its backends, without the removed ones. */
export function serverStatus({ backends }: ServerJson): Status {
  const listed = backends.filter(({ status }) => status !== 'removed');
  const serving = listed.filter(isServing);
  const note = `${serving.length} of ${listed.length} up`;
  if (serving.length === 0) return { word: 'down', tone: 'bad', note: listed.length === 0 ? 'no backends' : note };
  if (listed.some(isTroubled)) return { word: 'degraded', tone: 'warn', note };
  return { word: 'up', tone: 'good', note };
}

/** Whether it gets clients. */
export function isServing({ status }: { readonly status: string }): boolean {
  return WITH_CLIENTS.includes(status);
}

/** Whether it needs attention. */
export function isTroubled({ status }: BackendJson): boolean {
  return TROUBLES.includes(status);
}

function noteOf(
  {
    status,
    health,
    probe_in_ms: probeInMs,
    warmup_factor: warmupFactor,
    state_override: isOverride,
    ...backend
  }: BackendJson,
  at: number,
): string {
  switch (status) {
    case 'ejected':
      return probeInMs === undefined || probeInMs === 0
        ? 'failed its clients; one client may try it'
        : `failed its clients; tried again in ${ageText(probeInMs)}`;
    case 'starting':
      return `${percentText(warmupFactor)} of its weight`;
    case 'draining':
    case 'disabled':
      return isOverride ? 'runtime override' : 'as configured';
    case 'removed':
      return `left the list; ${backend.active} still open`;
    case 'unresolved':
      return 'its name has no address';
    case 'up':
    case 'unchecked':
    case 'down':
      return health?.checked_at === undefined ? (health?.reason ?? '') : checkText(health, at);
  }
}

function checkText(health: NonNullable<BackendJson['health']>, at: number): string {
  const { reason, state, checked_at: checkedAt, duration_ms: durationMs } = health;
  if (state === 'up') return `${reason} in ${durationText(durationMs)}`;
  const ago = checkedAt === undefined ? '' : `, ${ageText(at - Date.parse(checkedAt))} ago`;
  return state === 'down' ? `${reason}${ago}` : `${state}: ${reason}${ago}`;
}
