import type { FastifyError, FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';

import { sendJson, sendReason, sendText } from './answers.ts';
import { allowOrigins } from './cors.ts';
import type { ApiParts } from './parts.ts';
import { processInformation } from './process-information.ts';
import { serverRoutes } from './server-routes.ts';
import { firstOf, GET_ONLY, ignoreContentTypeOfUnknown, refuseNamesThatCannotBe, takeAnyBody } from './tolerance.ts';
import { answerUnknownRoute } from './unknown-route.ts';

/**
 * gobetween's REST API. What it says of origins and of unknown routes holds for the whole listener, so it is registered
 * before other routes, without a prefix.
 */
export function apiRoutes({ reading, steering, stats, clock, cors }: ApiParts): FastifyPluginCallback {
  function forAll(app: FastifyInstance, _options: unknown, done: () => void): void {
    if (cors) app.addHook('onRequest', allowOrigins);
    ignoreContentTypeOfUnknown(app);
    app.setNotFoundHandler(answerUnknownRoute);
    void app.register(routes);
    done();
  }

  function routes(app: FastifyInstance, _options: unknown, done: () => void): void {
    takeAnyBody(app);
    refuseNamesThatCannotBe(app);
    app.setErrorHandler(sendFailure);

    app.get('/ping', { ...GET_ONLY, config: { isOpen: true } }, (_request, reply) => sendText(reply, 'OK'));

    app.get('/', GET_ONLY, (_request, reply) => sendJson(reply, processInformation(reading.about, clock.date())));

    app.get<Dump>('/dump', GET_ONLY, ({ query }, reply) => {
      const format = firstOf(query.format) ?? 'toml';
      if (format !== 'toml' && format !== 'json') return sendReason(reply, 500, `unknown format ${format}`);
      return sendText(reply, reading.dump(format, { secrets: firstOf(query.secrets) === 'true' }));
    });

    serverRoutes(app, { reading, steering, stats });
    done();
  }

  return Object.assign(forAll, { [Symbol.for('skip-override')]: true });
}

interface Dump {
  readonly Querystring: { readonly format?: string | string[]; readonly secrets?: string | string[] };
}

/** What is wrong with a request as such: its body is too large, or ends early. @throws the rest */
function sendFailure(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { statusCode = 500, message } = error;
  if (statusCode >= 500) throw error;
  return sendReason(reply, statusCode, message);
}
