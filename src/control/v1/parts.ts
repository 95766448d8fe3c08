import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';

import type { Clock } from '../../core/clock.ts';
import type { Control } from '../../core/control.ts';
import type { Stats } from '../../core/stats.ts';
import type { Actor } from '../../core/steering.ts';

/** What the routes need; the service that has them hands it in. */
export interface V1Parts extends Control {
  readonly stats: Stats;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error'>;
  /** Who asks. */
  readonly actor: (request: FastifyRequest) => Actor;
  /**
   * True, or in one sentence why who asks may not change anything here. Asked before every change, and of `GET /info`,
   * which tells it: what is asked of changes only, such as a token against forgery, does not count then.
   */
  readonly mayChange: (request: FastifyRequest) => true | string;
  /** In which header that token is sent, for the document; absent where there is none. */
  readonly tokenHeader?: string;
}

/** Fastify with our schemas. */
export type V1App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
