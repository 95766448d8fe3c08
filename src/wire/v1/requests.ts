import * as z from 'zod';

import { word } from './values.ts';

const name = word('The name of the server, percent-encoded.', 'web');

export const serverParamsSchema = z.object({ name });

export const backendParamsSchema = z.object({
  name,
  key: word(
    'The key of the backend, percent-encoded: `10.0.0.1:80`, `[::1]:80` or `unix:%2Frun%2Fa.sock`.',
    '10.0.0.1:80',
  ),
});

export const connectionParamsSchema = z.object({ id: word('The id of the connection.', '3-128') });

/** Read by the control behind the door, which knows all the keys. */
const table = () => z.custom<unknown>((value) => value !== undefined);

export const serverTableSchema = table().meta({
  id: 'ServerTable',
  type: 'object',
  description: "A server's table as a file has it: docs/configuration.md, or `tslb config schema`.",
  examples: [
    { bind: ':8080', balance: 'weight', discovery: { kind: 'static', static_list: ['10.0.0.1:80', '10.0.0.2:80'] } },
  ],
});

export const serverPatchSchema = table().meta({
  id: 'ServerPatch',
  type: 'object',
  description: "Keys of a server's table: what is given replaces, tables are merged, `null` removes (RFC 7396).",
  examples: [{ max_connections: 5000, queue_timeout: null }],
});

export const newBackendSchema = table().meta({
  id: 'NewBackend',
  type: 'object',
  description: 'A backend to add. It stays when the list that discovery finds changes.',
  required: ['host'],
  properties: {
    host: { type: 'string', description: 'A name, an address, or the absolute path of a unix socket.' },
    port: { type: 'integer', minimum: 1, maximum: 65_535, description: 'Its port; a unix socket has none.' },
    weight: { type: 'integer', minimum: 0, default: 1, description: 'Its share of the connections.' },
    priority: {
      type: 'integer',
      minimum: 0,
      default: 1,
      description: 'The backends with the lowest number that have room are used.',
    },
    max_connections: { type: 'integer', minimum: 0, default: 0, description: '0 is no limit.' },
    max_fails: { type: 'integer', minimum: 0, description: 'Failures that eject it. Absent: as its server says.' },
    fail_timeout: { type: 'string', description: 'In which time they count. Absent: as its server says.' },
    send_proxy: {
      type: 'string',
      enum: ['none', 'v1', 'v2'],
      description: 'The version of the header of the PROXY protocol that it gets. Absent: as its server says.',
    },
    sni: {
      type: 'array',
      items: { type: 'string' },
      description: 'The server names (TLS) of the clients that it gets; an empty one is no name.',
    },
    alpn: {
      type: 'array',
      items: { type: 'string' },
      description: 'It gets only clients that offer one of these protocols (ALPN).',
    },
    state: {
      type: 'string',
      enum: ['enabled', 'draining', 'disabled'],
      default: 'enabled',
      description: 'The state to set.',
    },
  },
  examples: [{ host: '10.0.0.3', port: 80, weight: 5 }],
});

export const putHeadersSchema = z.looseObject({
  'if-none-match': z
    .literal('*')
    .optional()
    .meta({ description: '`*` creates only: 409 where there is one of that name.' }),
});

export const removedSchema = z
  .object({ removed: word('What is gone.', 'web') })
  .meta({ id: 'Removed', description: 'What is gone.' });
