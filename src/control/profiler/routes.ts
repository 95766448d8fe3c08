import { Readable } from 'node:stream';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';

import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import type { Reading } from '../../core/reading.ts';
import { clientOf } from '../../web/client.ts';
import { WebRefusal } from '../../web/refusal.ts';
import { inspectThread } from './inspected-thread.ts';
import { PROFILE_KINDS, type ProfileKind, takeProfile } from './profile.ts';
import { indexText, noSuchThread, type Parameter, secondsOf, threadOf } from './request.ts';

export interface ProfilerParts {
  readonly reading: Pick<Reading, 'threads' | 'connections'>;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Query {
  readonly seconds?: Parameter;
  readonly thread?: Parameter;
  readonly anyway?: Parameter;
}

interface Begun {
  readonly kind: ProfileKind;
  readonly endsAt: number;
}

/** Of the whole process, for a service that has moved may still take one. */
let begun: Begun | undefined;

/** Profiles of the threads of this process: `GET /cpu`, `/heap` and `/snapshot`; `GET /` tells of them. */
export function profilerRoutes({ reading, clock, log }: ProfilerParts): (app: FastifyInstance) => Promise<void> {
  /** Each thread answers that, and sees what else there is. */
  function nudge(): void {
    reading.connections({ sort: 'age', limit: 1 }).catch(() => undefined); // the profile has a limit of its own
  }

  async function answer(request: FastifyRequest<{ Querystring: Query }>, reply: FastifyReply, kind: ProfileKind) {
    const { query } = request;
    const seconds = kind === 'snapshot' ? 0 : secondsOf(query.seconds);
    const thread = threadOf(query.thread, reading.threads());
    if (begun !== undefined) throw busy(reply, begun, clock);
    const own: Begun = { kind, endsAt: clock.now() + seconds * 1_000 };
    begun = own;
    const ending = new AbortController();
    reply.raw.once('close', () => ending.abort());
    const about = { kind, thread, seconds, client: clientOf(request) };
    log.info(about, 'profile begun');
    try {
      const inspected = await inspectThread(thread, nudge);
      if (inspected === undefined) throw noSuchThread(Number(thread));
      const began = clock.now();
      try {
        const anyway = query.anyway === '1';
        const taking = { clock, watchMs: seconds * 1_000, signal: ending.signal, anyway };
        const parts = await takeProfile(inspected, kind, taking);
        log.info({ ...about, durationMs: Math.round(clock.now() - began) }, 'profile taken');
        return await reply
          .type('application/json')
          .headers(fileNamed(kind, thread, clock))
          .send(Readable.from(parts));
      } finally {
        inspected.close();
      }
    } catch (thrown) {
      log.warn({ ...about, err: asError(thrown) }, 'profile not taken');
      throw thrown instanceof WebRefusal
        ? thrown
        : new WebRefusal(503, 'TSLB_REQUEST_PROFILE', asError(thrown).message);
    } finally {
      begun = undefined;
    }
  }

  return async (app) => {
    app.addHook('onRequest', (request, _reply, done) => {
      const site = request.headers['sec-fetch-site'];
      // Such a page cannot read the answer, but the thread would stand still for it.
      if (site !== undefined && site !== 'none' && site !== 'same-origin') done(foreign());
      else done();
    });
    app.get('/', (_request, reply) => reply.type('text/plain; charset=utf-8').send(indexText(reading.threads())));
    for (const kind of Object.keys(PROFILE_KINDS) as readonly ProfileKind[]) {
      app.get<{ Querystring: Query }>(`/${kind}`, (request, reply) => answer(request, reply, kind));
    }
    app.get('/debug/pprof/*', () => {
      throw new WebRefusal(404, 'TSLB_REQUEST_PROFILE', "this is Node's profiler, not Go's: GET / tells what it has");
    });
  };
}

function busy(reply: FastifyReply, { kind, endsAt }: Begun, clock: Clock): WebRefusal {
  const seconds = Math.max(1, Math.ceil((endsAt - clock.now()) / 1_000));
  void reply.header('retry-after', seconds);
  const message = `a ${kind} profile is being taken, and there is one at a time; try again in ${seconds} s`;
  return new WebRefusal(503, 'TSLB_REQUEST_PROFILE', message);
}

function foreign(): WebRefusal {
  return new WebRefusal(403, 'TSLB_REQUEST_PROFILE', 'a page of another site may not ask for a profile');
}

/** The name that a browser or `curl -OJ` saves it by. */
function fileNamed(kind: ProfileKind, thread: 'main' | number, clock: Clock): Readonly<Record<string, string>> {
  const at = new Date(clock.date()).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return { 'content-disposition': `attachment; filename="tslb-${thread}-${at}.${PROFILE_KINDS[kind]}"` };
}
