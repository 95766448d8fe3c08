import { haproxy } from './haproxy.ts';
import { nginxStream } from './nginx-stream.ts';
import type { Subject } from './subject.ts';
import { before, tslb } from './tslb.ts';

/** Those that stand in between; without one there is `direct`. */
export const BALANCERS = {
  epoll: tslb('epoll'),
  guarded: tslb('epoll', true),
  before,
  net: tslb('net'),
  haproxy: haproxy(false),
  'haproxy-splice': haproxy(true),
  nginx: nginxStream,
} as const satisfies Readonly<Record<string, Subject>>;

export type BalancerName = keyof typeof BALANCERS;

export type SubjectName = BalancerName | 'direct';

export const SUBJECT_NAMES: readonly SubjectName[] = [...(Object.keys(BALANCERS) as BalancerName[]), 'direct'];

/** Those that run unless others are asked for. */
export const USUAL_SUBJECTS: readonly SubjectName[] = SUBJECT_NAMES.filter(
  (name) => name !== 'guarded' && name !== 'before',
);

export function titleOf(name: SubjectName): string {
  return name === 'direct' ? 'direct' : BALANCERS[name].title;
}
