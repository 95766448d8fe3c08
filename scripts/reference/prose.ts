import { fenced } from './markdown.ts';

/** The parts of the reference page that no table holds. */

export const INTRODUCTION = `
tslb reads one file, in the format of gobetween: TOML 1.0 or JSON, with the same keys. This page lists every section and
key, the small languages of their values, and what can be said about a file that is wrong. A commented sample is
\`gobetween.toml\` in the project's directory; for editors there is a JSON Schema, \`config.schema.json\` beside this
page.
`.trim();

export const FILE = `
The format is given with \`--format toml\` or \`--format json\`, or else taken from the extension: \`.json\` is JSON, all
others are TOML. The file is UTF-8, with or without byte-order mark, with LF or CRLF line ends, and has at most 4 MiB. An
empty file is valid and starts nothing.

- **Spelling.** Keys are matched exactly, and otherwise without regard to upper and lower case, with a warning.
- **Unknown keys** are ignored with a warning, as gobetween ignores them without one. One that is a letter or two away
  from a known key is taken for a slip and is an error.
- **Absent values.** A JSON \`null\`, and an empty text where a text is expected, count as absent.
- **Variables.** With \`-e\` every \`\${NAME}\` on a line of the text is replaced by the environment variable of that name
  before the file is parsed; one that is not set gives an empty text. Comments are no exception, and there is no escape.
  Diagnostics show the line as it stands in the file, with the names of the variables and not what came in their place.
- **Secrets** (\`password\`) are shown in no diagnostic, and as \`"[redacted]"\` in every answer that does not ask for them.
  A file with that text for a secret is refused, so that a dump without its secrets is not taken for a backup.
- **Checking.** \`tslb check -c FILE\` reports everything that is wrong at once, and opens no socket.
`.trim();

export const DURATIONS = `
A duration is a text in Go's syntax: one or more numbers, each with a unit, or a bare \`0\`. The units are \`ns\`, \`us\` (or
\`µs\`), \`ms\`, \`s\`, \`m\` and \`h\`; there are no days. Examples are \`"500ms"\`, \`"10s"\`, \`"1.5h"\` and \`"1m30s"\`. A number
without unit (\`"10"\`, or \`10\` without quotes) and a negative duration are errors; gobetween silently takes them for no
timeout. Parts of a millisecond are rounded up.
`.trim();

export const BIND =
  'The value of `bind` is an address; that of a server may be a list of them. No address may be bound twice, whether by' +
  ' servers or by `[api]`, `[metrics]` and `[stats]`.';

export const BIND_FORMS: readonly (readonly [form: string, meaning: string])[] = [
  ['`"host:port"`', 'that address of the machine; a name is resolved when the server starts'],
  ['`"[::1]:port"`', 'that IPv6 address, in brackets'],
  ['`":port"`, `"*:port"`', 'all addresses of the machine, IPv6 and IPv4'],
  ['`"port"`, or a number', 'the same'],
  ['`"unix:/path"`', 'a unix socket; the path is absolute and has at most 107 bytes'],
];

export const BACKEND = `
A backend is a text: an address, then options, in any order and with any blanks between them.

${fenced(
  'text',
  `
192.168.56.2:80 weight=2 priority=1
[2001:db8::7]:443 max_connections=100
app.internal:8080
unix:/run/app.sock weight=3
`,
)}

The address is \`host:port\`, \`[IPv6]:port\` or \`unix:/path\`. The host is an IPv4 address or a name, which is resolved
again from time to time; the port is a number from 1 to 65535. Host and port are what identifies a backend: when they
stand twice in one list, the last entry counts, with a warning. An entry that cannot be understood is an error with its
position; gobetween skips it and starts with the others, wants the options in the order weight, priority,
max_connections, and one blank before each.
`.trim();

export const ACCESS = `
A rule is \`allow\` or \`deny\`, and an IP address or network: \`"deny 10.0.0.0/8"\`, \`"allow 2001:db8::1"\`. The rules are
tried in order and the first that matches decides; for a client that none matches, \`default\` does. Host bits of a network
are cleared. IPv4 rules hold for IPv4 clients of a dual-stack listener too, and only IPv4 rules match an IPv4 client.
Clients of a unix socket have no address and get the default. A denied client is closed without a word and takes no place
of \`max_connections\`.

${fenced(
  'toml',
  `
[servers.web.access]
default = "deny"
rules = ["deny 10.0.0.13", "allow 10.0.0.0/8", "allow 2001:db8::/32"]
`,
)}
`.trim();

export const NOT_BUILT = `
These parts of gobetween's configuration, and values of our own that are planned, are refused with an error by name, so
that nobody relies on something that does not happen.
`.trim();

export const PATTERNS = `
Regular expressions are JavaScript's, with its flag \`u\`, and are found anywhere in the text unless \`^\` or \`$\` say
otherwise. Flags may stand in front as in gobetween's RE2: \`(?i)\` for any case, \`(?s)\` for a dot that takes line ends,
too, \`(?m)\` for \`^\` and \`$\` at every line. What RE2 writes otherwise (\`(?P<name>…)\`, \`\\A\`, \`\\z\`, \`[[:alpha:]]\`) is an
error with its position. Bytes are read as UTF-8. A pattern that takes longer than 250 ms on an answer does not match.
`.trim();

export const HEALTHCHECK = `
A backend is checked again and again, one check at a time: each starts an interval after the start of the one before it,
give or take 5 %. New backends are checked first within as many hundredths of the interval as there are of them, evenly:
two of them practically at once, 500 over the whole interval. A check that is not done after \`timeout\` has failed.

A backend that is up goes down after \`fails\` failed checks one after the other, and one that is down comes up after
\`passes\` passed ones; any other result in between starts the count again. A name is looked up for the check; while its
name server does not answer, the last addresses count. When this machine runs out of descriptors, memory or processes, a
check counts neither way. A reload keeps what is known, and the pace.

A check over TLS trusts whom the system trusts: its list, such as \`/etc/ssl/certs/ca-certificates.crt\`, or instead the
file that the variable \`SSL_CERT_FILE\` names; it is read once, before the first such check. \`NODE_EXTRA_CA_CERTS\` means
nothing here. A certificate that signed itself has to stand in that list; \`…_tls_ignore_verify\` takes it without.
`.trim();
