import { gzipSync } from 'node:zlib';

/** What somebody sends to create a server, and what he may be told. */
export interface Malformed {
  readonly name: string;
  /** All of it, from the request line on. */
  readonly bytes: Buffer;
  readonly statuses: readonly number[];
  /** Whether the connection may also be closed without an answer: where a request ends cannot be told any more. */
  readonly mayBeCut: boolean;
}

const UNREADABLE = [400];
const REFUSED = [400, 409];
const MIB = 1_048_576;

/** @param body of a POST that is otherwise as it should be */
function posted(name: string, body: string | Buffer, statuses: readonly number[] = REFUSED): Malformed {
  const content = Buffer.from(body);
  const head = `POST /servers/malformed HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${content.length}\r\n\r\n`;
  return { name, bytes: Buffer.concat([Buffer.from(head), content]), statuses, mayBeCut: false };
}

/** @param head what stands instead of the headers that tell the length @param body behind it */
function framed(name: string, head: string, body: string, statuses: readonly number[] = UNREADABLE): Malformed {
  const text = `POST /servers/malformed HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${head}\r\n\r\n${body}`;
  return { name, bytes: Buffer.from(text, 'latin1'), statuses, mayBeCut: true };
}

function addressed(name: string, target: string, statuses: readonly number[]): Malformed {
  const text = `POST ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}`;
  return { name: `the path ${name}`, bytes: Buffer.from(text, 'latin1'), statuses, mayBeCut: false };
}

function raw(name: string, text: string | Buffer, statuses: readonly number[] = UNREADABLE): Malformed {
  return { name, bytes: Buffer.from(text as string, 'latin1'), statuses, mayBeCut: false };
}

const NOT_JSON = [
  posted('nothing', '', UNREADABLE),
  posted('blanks', ' \r\n\t ', UNREADABLE),
  posted('half an object', '{"bind": "127.0.0.1:0", "discovery": {', UNREADABLE),
  posted('half a string', '{"bind": "127.0', UNREADABLE),
  posted('half an escape', '{"bind": "\\u12', UNREADABLE),
  posted('a key without a value', '{"bind":}', UNREADABLE),
  posted('a closing brace', '}', UNREADABLE),
  posted('TOML', 'bind = "127.0.0.1:0"\n[discovery]\nkind = "static"', UNREADABLE),
  posted('a form', 'bind=127.0.0.1%3A0&protocol=tcp', UNREADABLE),
  posted('XML', '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>', UNREADABLE),
  posted('gzip', gzipSync('{"bind": "127.0.0.1:0"}'), UNREADABLE),
  posted('every byte', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), UNREADABLE),
  posted('zeros', Buffer.alloc(1000), UNREADABLE),
  posted('a zero in a string', '{"bind": "127.0.0.1\0:0"}', UNREADABLE),
  posted('UTF-16', Buffer.from('{"bind": "127.0.0.1:0"}', 'utf16le'), UNREADABLE),
  posted('a byte order mark', '\ufeff{"bind": "127.0.0.1:0"}', UNREADABLE),
  posted('comments', '{/* none */ "bind": "127.0.0.1:0"} // none', UNREADABLE),
  posted('a trailing comma', '{"bind": "127.0.0.1:0",}', UNREADABLE),
  posted('single quotes', "{'bind': '127.0.0.1:0'}", UNREADABLE),
  posted('no number', '{"max_connections": NaN}', UNREADABLE),
  posted('a leading zero', '{"max_connections": 007}', UNREADABLE),
  posted('arrays in arrays', '['.repeat(200_000) + ']'.repeat(200_000), UNREADABLE),
  posted('objects in objects', '{"discovery":'.repeat(50_000) + '1' + '}'.repeat(50_000), UNREADABLE),
  posted('arrays without end', '[['.repeat(MIB / 2), UNREADABLE),
];

const NO_TABLE = [
  posted('null', 'null'),
  posted('true', 'true', UNREADABLE),
  posted('a number', '42', UNREADABLE),
  posted('a string', '"bind"', UNREADABLE),
  posted('a list', '[{"bind": "127.0.0.1:0"}]', UNREADABLE),
  posted('a long list', `[${'0,'.repeat(400_000)}0]`, UNREADABLE),
  posted('an empty object', '{}'),
];

/** A server that could be created, but for what is said. */
function server(keys: string): string {
  return `{"bind": "127.0.0.1:0", "discovery": {"kind": "static", "static_list": ["127.0.0.1:1"]}, ${keys}}`;
}

const WRONG_VALUES = [
  posted('a key twice, last with another type', server('"protocol": "tcp", "protocol": 1'), UNREADABLE),
  posted('invalid UTF-8', Buffer.from(server('"balance": "\xff\xfe"'), 'latin1')),
  posted('overlong UTF-8', Buffer.from(server('"balance": "\xc0\xaf"'), 'latin1')),
  posted('half a surrogate', server('"balance": "\\ud800"')),
  posted('zeros as escapes', server('"balance": "\\u0000"')),
  posted('a number beyond all', server('"max_connections": 1e999')),
  posted('a number of many digits', server(`"max_connections": ${'9'.repeat(100_000)}`)),
  posted('a number of 64 bits', server('"max_connections": 9223372036854775808')),
  posted('a fraction', server('"max_connections": 1.5')),
  posted('a duration of many digits', server(`"client_idle_timeout": "${'9'.repeat(100_000)}h"`)),
  posted('a duration without a unit', server('"client_idle_timeout": "10"')),
  posted('a strategy like a member of objects', server('"balance": "constructor"')),
  posted('a prototype', server('"__proto__": {"max_connections": 1}, "balance": "none"')),
  posted('a prototype in a table', '{"bind": "127.0.0.1:0", "discovery": {"__proto__": {"kind": "static"}}}'),
  posted('a constructor', server('"constructor": {"prototype": {"max_connections": 1}}, "balance": "none"')),
  posted(
    'a bind without a port',
    '{"bind": "127.0.0.1", "discovery": {"kind": "static", "static_list": ["127.0.0.1:1"]}}',
  ),
  posted('a bind with a line end', '{"bind": "127.0.0.1\\r\\n:0", "discovery": {"kind": "static"}}'),
  posted(
    'a bind into nowhere',
    '{"bind": "unix:/nowhere/at/all", "discovery": {"kind": "static", "static_list": ["127.0.0.1:1"]}}',
  ),
  posted(
    'a bind beyond all ports',
    '{"bind": "127.0.0.1:65536", "discovery": {"kind": "static", "static_list": ["127.0.0.1:1"]}}',
  ),
  posted('a kind there is not', '{"bind": "127.0.0.1:0", "discovery": {"kind": "../../etc/passwd"}}'),
  posted(
    'backends of all types',
    '{"bind": "127.0.0.1:0", "discovery": {"kind": "static", "static_list": [1, null, {}, []]}}',
  ),
  posted(
    'a backend with junk',
    '{"bind": "127.0.0.1:0", "discovery": {"kind": "static", "static_list": ["127.0.0.1:1 weight=\\u0000"]}}',
  ),
  posted(
    'a backend of a mebibyte',
    `{"bind": ":0", "discovery": {"kind": "static", "static_list": ["${'a'.repeat(900_000)}:1"]}}`,
  ),
  posted('a rule that blows up', server(`"access": {"rules": ["${'allow '.repeat(100_000)}"]}`)),
  posted('a check without a command', server('"healthcheck": {"kind": "exec", "exec_command": 1}'), UNREADABLE),
  posted(
    'a check that expects a bad pattern',
    server(
      '"healthcheck": {"kind": "probe", "interval": "1s", "probe_protocol": "tcp", "probe_recv": "(", "probe_strategy": "regexp"}',
    ),
  ),
];

/** Each key of a server with a value of each type that it has not. */
const WRONG_TYPES = [
  ...[
    'bind',
    'protocol',
    'balance',
    'client_idle_timeout',
    'backend_idle_timeout',
    'backend_connection_timeout',
  ].flatMap((key) => ['1', 'true', '{}', '[1]'].map((value) => [key, value] as const)),
  ...['max_connections'].flatMap((key) => ['"1"', 'true', '{}', '[1]'].map((value) => [key, value] as const)),
  ...['discovery', 'healthcheck', 'access'].flatMap((key) =>
    ['1', 'true', '"text"', '[1]'].map((value) => [key, value] as const),
  ),
].map(([key, value]) => posted(`${key} as ${value}`, `{"${key}": ${value}}`));

const WRONG_FRAMES = [
  posted('2 MB', Buffer.alloc(2_000_000, ' '), [413]),
  framed('chunks without a size', 'Transfer-Encoding: chunked', 'what\r\nis this\r\n'),
  framed('a chunk that is too short', 'Transfer-Encoding: chunked', '2\r\n{}{}\r\n0\r\n\r\n'),
  framed('a chunk beyond all', 'Transfer-Encoding: chunked', 'ffffffffffffffffff\r\n{}'),
  framed('a chunk without end', 'Transfer-Encoding: chunked', `1;${'x'.repeat(20_000)}\r\n`, [400, 413, 431]),
  framed('an encoding there is not', 'Transfer-Encoding: junk', '{}'),
  framed('a length and chunks', 'Content-Length: 2\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
  framed('two lengths', 'Content-Length: 2\r\nContent-Length: 3', '{}'),
  framed('a length below nothing', 'Content-Length: -1', '{}'),
  framed('a length in words', 'Content-Length: two', '{}'),
  framed('a length beyond all', 'Content-Length: 99999999999999999999', '{}'),
  framed('a length that is too large', 'Content-Length: 4294967296', '{}', [413]),
  framed('a length that is too small', 'Content-Length: 1', '{}}}}}', [400]),
  framed('a zero in a header', 'X: \0\r\nContent-Length: 2', '{}'),
  framed('headers without end', 'X: y\r\n'.repeat(5000) + 'Content-Length: 2', '{}', [431]),
  framed('many headers', Array.from({ length: 150 }, (_, at) => `X${at}: y`).join('\r\n'), '{}', [431]),
  framed('a large header', `X: ${'y'.repeat(60_000)}`, '{}', [431]),
  framed('an upgrade', 'Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 2', '{}', REFUSED),
];

const WRONG_PATHS = [
  addressed('with half an escape', '/servers/%', [400]),
  addressed('with no escape', '/servers/%zz', [400]),
  addressed('with no UTF-8', '/servers/%ff%fe', [400, 409]),
  addressed('with a zero', '/servers/%00', [409]),
  addressed('with a line end', '/servers/a%0d%0ab', [409]),
  addressed('with a slash', '/servers/a%2fb', [404]),
  addressed('upwards', '/servers/../../etc/passwd', [404]),
  addressed('of dots', '/servers/%2e%2e', [409]),
  addressed('of a prototype', '/servers/__proto__', [409]),
  addressed('of a constructor', '/servers/constructor', [409]),
  addressed('that is long', `/servers/${'n'.repeat(7000)}`, [409]),
  addressed('that is too long', `/servers/${'n'.repeat(10_000)}`, [414]),
  addressed('without end', `/servers/${'n'.repeat(100_000)}`, [414, 431]),
  addressed('of bytes', '/servers/\xe4\xff', [400, 404, 409]),
];

const NO_HTTP = [
  raw('no HTTP', 'POST\r\n\r\n'),
  raw('no method', ' /servers/malformed HTTP/1.1\r\n\r\n'),
  raw('a version to come', 'POST /servers/malformed HTTP/9.9\r\nHost: localhost\r\n\r\n'),
  raw('no host', 'POST /servers/malformed HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}'),
  raw('a hello of TLS', Buffer.from('160301020001000001fc0303', 'hex')),
  raw('junk', Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 256))),
  raw('another protocol', 'SSH-2.0-OpenSSH_9.2p1\r\n'),
];

export const MALFORMED: readonly Malformed[] = [
  ...NOT_JSON,
  ...NO_TABLE,
  ...WRONG_VALUES,
  ...WRONG_TYPES,
  ...WRONG_FRAMES,
  ...WRONG_PATHS,
  ...NO_HTTP,
];
