import { visible } from '../../config/problem/diagnostic-line.ts';
import { logLevel, reloaded } from '../remote/answers.ts';
import { withProgress } from './progress.ts';
import type { Session } from './session.ts';

/** `tslb ctl reset [server]` */
export async function resetCounters(session: Session, [server]: readonly string[]): Promise<void> {
  const body = server === undefined ? {} : { server };
  const answer = await session.client.json('/v1/counters/reset', { method: 'POST', body });
  session.show(answer, () => session.line(`counters of ${server ?? 'all servers'} begin at 0 again`));
}

/** `tslb ctl reload` */
export async function reload(session: Session): Promise<void> {
  const answer = await withProgress('the configuration is being reloaded', () =>
    session.client.json('/v1/reload', { method: 'POST' }),
  );
  session.show(answer, () => {
    const result = session.client.fit(reloaded, answer);
    for (const warning of result.warnings) session.say(`${visible(warning)}\n`);
    for (const kind of ['added', 'changed', 'removed', 'unchanged'] as const) {
      if (result[kind].length > 0) session.line(`${kind.padEnd(9)}  ${result[kind].join(', ')}`);
    }
  });
}

/** `tslb ctl log-level [level]` */
export async function showOrSetLogLevel(session: Session, [level]: readonly string[]): Promise<void> {
  const answer = await session.client.json(
    '/v1/log-level',
    level === undefined ? {} : { method: 'PUT', body: { level } },
  );
  session.show(answer, () => session.line(session.client.fit(logLevel, answer).level));
}
