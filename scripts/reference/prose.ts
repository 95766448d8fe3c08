import { fenced } from './markdown.ts';

/** The parts of the reference page that no table holds. */

export const INTRODUCTION = `
tslb reads one file, in the format of gobetween: TOML 1.0 or JSON, with the same keys. This page lists every section and
key, the syntax of their values, and every diagnostic of a file. A commented sample is \`gobetween.toml\` in the
project's directory; for editors there is a JSON Schema, \`config.schema.json\` beside this page.
`.trim();

export const FILE = `
The format is that of \`--format toml\` or \`--format json\`, or else that of the extension: \`.json\` is JSON, all others
are TOML. The file is UTF-8, with or without byte-order mark, with LF or CRLF line ends, and has at most 4 MiB. An
empty file is valid and starts nothing.

- **Spelling.** Keys are matched exactly, and otherwise without regard to upper and lower case, with a warning.
- **Unknown keys** are ignored with a warning; gobetween ignores them without a warning. An unknown key that differs
  from a known key by one or two letters is an error.
- **Absent values.** A JSON \`null\`, and an empty text where a text is expected, count as absent.
- **Variables.** With \`-e\` every \`\${NAME}\` on a line of the text is replaced by the environment variable of that name
  before the file is parsed. A variable that is not set gives an empty text. Variables in comments are replaced too, and
  there is no escape. Diagnostics show the line as the file has it, with the names of the variables and not their values.
- **Secrets** (\`password\`) are shown in no diagnostic. Answers show them as \`"[redacted]"\`, unless the request asks for
  secrets. A file with that text for a secret is refused, so that a dump without secrets is never loaded as a backup.
- **Checking.** \`tslb check -c FILE\` reports all errors and warnings at once, and opens no socket.
`.trim();

export const DURATIONS = `
A duration is a text in Go's syntax: one or more numbers, each with a unit, or a bare \`0\`. The units are \`ns\`, \`us\` (or
\`µs\`), \`ms\`, \`s\`, \`m\` and \`h\`; there are no days. Examples are \`"500ms"\`, \`"10s"\`, \`"1.5h"\` and \`"1m30s"\`. A number
without unit (\`"10"\`, or \`10\` without quotes) and a negative duration are errors; gobetween silently reads them as no
timeout. Parts of a millisecond are rounded up.
`.trim();

export const BIND =
  'The value of `bind` is an address, or for a server a list of addresses. No address may be bound twice, neither by' +
  ' servers nor by `[api]`, `[metrics]`, `[profiler]` and `[stats]`.';

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
again from time to time. The port is a number from 1 to 65535. Host and port together identify a backend: when a list
has them twice, the last entry is used, with a warning. In \`static_list\` the address may begin with \`tcp://\`, or for a
udp server \`udp://\`, which is left out with a warning. An entry that cannot be read is an error with its position.
gobetween skips such an entry and starts with the others. It also requires the options in the order weight, priority,
max_connections, with one blank before each.
`.trim();

export const ACCESS = `
A rule is \`allow\` or \`deny\`, then an IP address or network: \`"deny 10.0.0.0/8"\`, \`"allow 2001:db8::1"\`. The rules are
tried in order, and the first rule that matches decides. If no rule matches a client, \`default\` decides. Host bits of a
network are cleared. IPv4 rules also apply to IPv4 clients of a dual-stack listener, and only IPv4 rules match an IPv4
client. Clients of a unix socket have no address and get the default. The connection of a denied client is closed
without an answer and does not count for \`max_connections\`.

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
These parts of gobetween's configuration, and planned values of our own, are refused with an error that names them, so
that a file never relies on a feature that does not exist.
`.trim();

export const PATTERNS = `
Regular expressions are JavaScript's, with its flag \`u\`, and match anywhere in the text unless \`^\` or \`$\` anchor
them. Flags may stand in front, as in gobetween's RE2: \`(?i)\` for any case, \`(?s)\` for a dot that also matches line
ends, \`(?m)\` for \`^\` and \`$\` at every line. Syntax of RE2 that JavaScript does not have (\`(?P<name>…)\`, \`\\A\`, \`\\z\`,
\`[[:alpha:]]\`) is an error with its position. Bytes are read as UTF-8. A pattern that takes longer than 250 ms on an
answer does not match.
`.trim();

export const HEALTHCHECK = `
A backend is checked repeatedly, one check at a time. Each check starts one interval after the start of the check before
it, give or take 5 %. The first checks of new backends are spread evenly over a part of the interval, which is one
hundredth for each new backend and at most the whole: two backends are checked practically at once, 500 over the whole
interval. A check that takes longer than \`timeout\` fails.

A backend that is up goes down after \`fails\` consecutive failed checks. A backend that is down comes up after \`passes\`
consecutive passed checks. Any other result in between restarts the count. A host name is looked up for each check; while
the name server does not answer, the last addresses are used. When this machine runs out of descriptors, memory or
processes, a check counts neither as passed nor as failed. A reload keeps the results so far, and the schedule.

A check over TLS trusts the certificate authorities of the system: its list, such as
\`/etc/ssl/certs/ca-certificates.crt\`, or instead the file that the variable \`SSL_CERT_FILE\` names. The list is read
once, before the first check over TLS. \`NODE_EXTRA_CA_CERTS\` has no effect. A self-signed certificate must be in that
list, unless \`…_tls_ignore_verify\` is set.
`.trim();
