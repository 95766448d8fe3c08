import { systemClock } from '../../core/clock.ts';
import { TslbError } from '../../core/errors.ts';
import { pause } from '../pause.ts';
import { backendAnswer } from '../remote/answers.ts';
import { ApiRefusal } from '../remote/api-errors.ts';
import { durationText } from '../../view/format.ts';
import { changed, connectionsText } from './change-backend.ts';
import { Progress } from './progress.ts';
import { backendPath } from '../remote/paths.ts';
import type { Session } from './session.ts';

const LOOK_EVERY_MS = 500;

/** `tslb ctl drain <server> <backend>`: no new clients; with --wait returns when the last connection has ended. */
export async function drainBackend(session: Session, [server = '', key = '']: readonly string[]): Promise<void> {
  const { wait, json, timeout } = session.options;
  if (wait !== true || json !== true) await changed(session, server, key, { state: 'draining' });
  else await session.client.json(backendPath(server, key), { method: 'PATCH', body: { state: 'draining' } });
  if (wait === true) await drained(session, server, key, timeout);
}

/**
 * A backend that leaves its list is there until its last connection has ended, and no longer.
 * @throws TslbError TSLB_STILL_CONNECTED when it takes longer than it may, or is called off
 */
async function drained(session: Session, server: string, key: string, timeoutMs: number | undefined): Promise<void> {
  const { client } = session;
  const stopped = session.stopped();
  const startedAt = systemClock.now();
  const name = `${server}/${key}`;
  const progress = new Progress(`${name} drains`);
  try {
    for (;;) {
      const answer = await client.json(backendPath(server, key));
      const { backend } = client.fit(backendAnswer, answer);
      if (backend.active === 0) {
        progress.end();
        session.show(answer, () => session.line(`${name} has no more connections`));
        return;
      }
      progress.update(`${name} drains: ${connectionsText(backend.active)} left`);
      const elapsed = systemClock.now() - startedAt;
      if (stopped.aborted || (timeoutMs !== undefined && elapsed >= timeoutMs)) {
        throw new TslbError(
          'TSLB_STILL_CONNECTED',
          `${name} still has ${connectionsText(backend.active)} after ${durationText(elapsed)}; it goes on draining`,
        );
      }
      await pause(systemClock, Math.min(LOOK_EVERY_MS, (timeoutMs ?? Infinity) - elapsed), stopped);
    }
  } catch (thrown) {
    if (!(thrown instanceof ApiRefusal) || thrown.code !== 'TSLB_NO_SUCH_BACKEND') throw thrown;
    progress.end();
    session.show(thrown.answer, () => session.line(`${name} has left the list and has no more connections`));
  } finally {
    progress.end();
  }
}
