import type { FastifyReply } from 'fastify';

import { goJson, type GoValue } from '../../web/go-json.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';

export function sendJson(reply: FastifyReply, value: GoValue): FastifyReply {
  return reply.type(JSON_TYPE).send(goJson(value));
}

export function sendText(reply: FastifyReply, text: string): FastifyReply {
  return reply.type(TEXT_TYPE).send(text);
}

/** Says why not: a bare JSON string. Of a 400 gobetween says that it is plain text. */
export function sendReason(reply: FastifyReply, status: number, reason: string): FastifyReply {
  const type = status === 400 ? TEXT_TYPE : JSON_TYPE;
  return reply.code(status).type(type).send(goJson(reason));
}
