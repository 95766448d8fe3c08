import * as z from 'zod';

import { count, duration } from '../../config/values/values.ts';
import { NAME_MATCHINGS, NAMELESS_CHOICES, type ServerNameRules, UNEXPECTED_NAMES } from '../../core/server-names.ts';
import { LONGEST_HELLO } from '../../wire/client-hello/client-hello.ts';

/** Room for a small hello at least: those of today have 300 to 2,500 bytes. */
const SHORTEST_HELLO = 1_024;

const NOT_IN_GOBETWEEN = 'Not in gobetween.';

/** What gobetween fills in, as a file would write it. */
export const SNI_DEFAULTS = {
  hostname_matching_strategy: 'exact',
  unexpected_hostname_strategy: 'default',
  read_timeout: '2s',
} as const;

/** The table `sni` of a server. */
export const sniSchema = z
  .object({
    hostname_matching_strategy: z
      .enum(NAME_MATCHINGS)
      .default(SNI_DEFAULTS.hostname_matching_strategy)
      .meta({
        title: 'word',
        description:
          'How the `sni` of a backend is read. `exact`: names, separated by commas. `wildcard`: names, too, of which' +
          ' `*.example.org` stands for every name that ends in `.example.org`, and `*` for every name; an exact name goes' +
          ' first, then the longest ending. `regexp`: one regular expression, which is looked for in the name; all' +
          ' backends whose expression is found come into question. Names are compared in lower case and without a dot at' +
          ' the end.',
        gobetween: 'Has no `wildcard`, and one name for each backend.',
      }),
    unexpected_hostname_strategy: z
      .enum(UNEXPECTED_NAMES)
      .default(SNI_DEFAULTS.unexpected_hostname_strategy)
      .meta({
        title: 'word',
        description:
          'What happens to a client whose name no backend has. `default`: it gets a backend without `sni`. `reject`: it is' +
          ' closed. `any`: it gets any backend. A client that has no name gets a backend without `sni`; where there is' +
          ' none, only `any` serves it. A client of TLS that is closed is told so by the alert `unrecognized_name`.',
        gobetween: 'A name whose backends are all down or full counts as unexpected; here it does not.',
      }),
    read_timeout: duration({ leastMs: 1 }).prefault(SNI_DEFAULTS.read_timeout).meta({
      description: 'How long a client may take to send its hello, from the accept on.',
      gobetween: '"0" closes every client; here it is an error.',
    }),
    silent_clients: z
      .enum(NAMELESS_CHOICES)
      .default('close')
      .meta({
        title: 'word',
        description:
          'What happens to a client that has not sent its whole hello within `read_timeout`. `close`, or `default`: it is' +
          ' served like a client without a name. Clients of protocols in which the server speaks first send nothing.',
        gobetween: `${NOT_IN_GOBETWEEN} It closes them.`,
      }),
    plain_clients: z
      .enum(NAMELESS_CHOICES)
      .default('default')
      .meta({
        title: 'word',
        description:
          'What happens to a client whose first bytes are no hello of TLS. `default`: it is served like a client without a' +
          ' name, at once. `close`: it is closed at once.',
        gobetween: `${NOT_IN_GOBETWEEN} It serves them so.`,
      }),
    max_hello: count({ least: SHORTEST_HELLO, most: LONGEST_HELLO })
      .default(LONGEST_HELLO)
      .meta({
        description:
          'The most bytes of a hello. A client that sends a longer one is closed. Hellos of 300 to 2,500 bytes are usual;' +
          ' with certificates in a session ticket they have up to 20,000.',
        gobetween: 'One read of at most 16,385 bytes.',
      }),
  })
  .transform((table): ServerNameRules => ({
    matching: table.hostname_matching_strategy,
    unexpected: table.unexpected_hostname_strategy,
    readTimeoutMs: table.read_timeout,
    silent: table.silent_clients,
    plain: table.plain_clients,
    mostBytes: table.max_hello,
  }))
  .meta({
    description:
      'Routing by the server name (SNI) and the protocols (ALPN) in the hello of a TLS client, without decrypting. Absent:' +
      ' the hello is not looked at.',
  });
