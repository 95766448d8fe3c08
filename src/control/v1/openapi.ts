import swagger from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import * as z from 'zod';

import { tidied } from './document.ts';
import type { V1App, V1Parts } from './parts.ts';
import { toReading } from './responses.ts';

const DESCRIPTION = `What tslb does at this moment, and steering it.

Times are RFC 3339 in UTC with milliseconds; durations are milliseconds, and their names end in \`_ms\`. What is absent is
left out. An error has a real status and a body of \`{"error": {"code", "message", "problems"?}}\`, and nothing has changed
then. Changes are made one after the other, and each has a line in the log.`;

const TAGS = [
  { name: 'process', description: 'The process as a whole.' },
  { name: 'servers', description: 'Servers, and changing them as a reload does: no connection is lost.' },
  { name: 'backends', description: 'The backends of a server, and their overrides.' },
  { name: 'connections', description: 'Connections that are open now.' },
];

const BASIC = {
  type: 'http',
  scheme: 'basic',
  description: 'Where the service has `basic_auth`; else nothing is asked for.',
} as const;

function token(name: string) {
  const description = 'Against forgery, of changes only: what the page has in `<meta name="tslb-csrf">`.';
  return { type: 'apiKey', in: 'header', name, description } as const;
}

/** Documents all routes that are added to this context from now on. */
export async function documentRoutes(app: V1App, { reading, tokenHeader }: V1Parts): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'tslb',
        version: reading.about.version,
        description: DESCRIPTION,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: app.prefix }],
      tags: TAGS,
      security: [{ basic: [] }],
      components: {
        securitySchemes: { basic: BASIC, ...(tokenHeader !== undefined && { token: token(tokenHeader) }) },
      },
    },
    transform: (route) => {
      const { schema, url } = jsonSchemaTransform(route);
      const isChange = route.route.method !== 'GET' && tokenHeader !== undefined;
      return { schema: isChange ? { ...schema, security: [{ basic: [], token: [] }] } : schema, url };
    },
    transformObject: (document) => tidied(jsonSchemaTransformObject(document)),
  });

  app.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'getOpenapi',
        tags: ['process'],
        summary: 'This document',
        response: toReading({
          description: 'OpenAPI 3.1.',
          schema: z.record(z.string(), z.unknown()),
        }),
      },
    },
    async () => app.swagger(),
  );
}
