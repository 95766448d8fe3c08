import { readFileSync } from 'node:fs';

/** A ClientHello that a real program sent, and what stands in it. */
export interface RealHello {
  readonly file: string;
  /** As sent; '' where there is none. */
  readonly sni: string;
  readonly alpn: readonly string[];
  readonly records: number;
  /** Of the hello; what follows is early data. */
  readonly length: number;
}

const WWW = 'www.example.test';
const WEB = ['h2', 'http/1.1'];

/** All but the one that begins with another record. */
export const REAL_HELLOS: readonly RealHello[] = [
  { file: 'openssl-3.0', sni: WWW, alpn: [], records: 1, length: 322 },
  { file: 'openssl-3.0-no-sni', sni: '', alpn: [], records: 1, length: 297 },
  { file: 'openssl-3.6', sni: WWW, alpn: [], records: 1, length: 1556 },
  { file: 'openssl-3.6-four-records', sni: WWW, alpn: [], records: 4, length: 1571 },
  { file: 'openssl-3.0-early-data', sni: WWW, alpn: [], records: 1, length: 629 },
  { file: 'openssl-3.0-go-ticket-10k', sni: 'a.example.test', alpn: [], records: 1, length: 10_317 },
  { file: 'openssl-3.0-go-ticket-19k', sni: 'a.example.test', alpn: [], records: 2, length: 18_836 },
  { file: 'node-24-trailing-dot', sni: `${WWW}.`, alpn: [], records: 1, length: 1594 },
  { file: 'ruby-3.1-ip-literal', sni: '10.66.0.2', alpn: [], records: 1, length: 517 },
  { file: 'go-1.27', sni: WWW, alpn: WEB, records: 1, length: 1548 },
  { file: 'go-1.27-ech', sni: 'public.example.test', alpn: WEB, records: 1, length: 1720 },
  { file: 'java-17', sni: WWW, alpn: WEB, records: 1, length: 483 },
  { file: 'java-21-underscore', sni: '', alpn: [], records: 1, length: 422 },
  { file: 'nss-3.132', sni: WWW, alpn: [], records: 1, length: 1483 },
  { file: 'libpq-18-direct', sni: WWW, alpn: ['postgresql'], records: 1, length: 1573 },
  { file: 'firefox-153', sni: WWW, alpn: WEB, records: 1, length: 1899 },
  { file: 'firefox-153-resumed-early-data', sni: WWW, alpn: WEB, records: 1, length: 2474 },
  { file: 'chromium-156', sni: WWW, alpn: WEB, records: 1, length: 2020 },
  { file: 'chromium-156-name-of-253', sni: '', alpn: WEB, records: 1, length: 2257 },
];

/** The bytes of a file of test/helpers/hellos. */
export function helloBytes(file: string): Buffer {
  const at = new URL(`../../../../test/helpers/hellos/${file}.hex`, import.meta.url);
  return Buffer.from(readFileSync(at, 'utf8').trim(), 'hex');
}

/** The same hello in records of other sizes. @param lengths of the bodies, the last for all that follow */
export function recut(hello: Buffer, lengths: readonly number[]): Buffer {
  const bodies: Buffer[] = [];
  for (let at = 0; at < hello.length; at += 5 + hello.readUInt16BE(at + 3))
    bodies.push(hello.subarray(at + 5, at + 5 + hello.readUInt16BE(at + 3)));
  const message = Buffer.concat(bodies);
  const records: Buffer[] = [];
  for (let at = 0, index = 0; at < message.length; index += 1) {
    const body = message.subarray(at, at + (lengths[Math.min(index, lengths.length - 1)] ?? 1));
    const header = Buffer.from([0x16, 3, 1, body.length >> 8, body.length & 255]);
    records.push(header, body);
    at += body.length;
  }
  return Buffer.concat(records);
}

export interface HelloParts {
  /** Entries of server_name: their type and bytes; absent: no such extension. */
  readonly names?: readonly (readonly [type: number, name: string])[];
  readonly alpn?: readonly string[];
  /** Bytes of an extension before, between and behind these. */
  readonly padding?: number;
}

/** A small hello of one record. */
export function helloOf({ names, alpn, padding = 0 }: HelloParts): Buffer {
  const padded = extension(21, Buffer.alloc(padding));
  const list = names?.map(([type, name]) =>
    Buffer.concat([Buffer.from([type]), withLength(2, Buffer.from(name, 'latin1'))]),
  );
  const extensions = [
    padded,
    ...(list === undefined ? [] : [extension(0, withLength(2, Buffer.concat(list)))]),
    padded,
    ...(alpn === undefined
      ? []
      : [extension(16, withLength(2, Buffer.concat(alpn.map((each) => withLength(1, Buffer.from(each))))))]),
    padded,
  ];
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    withLength(1, Buffer.alloc(0)),
    withLength(2, Buffer.from([0x13, 0x01])),
    withLength(1, Buffer.from([0])),
    withLength(2, Buffer.concat(extensions)),
  ]);
  return recut(Buffer.concat([Buffer.from([0x16, 3, 1]), withLength(2, messageOf(body))]), [16_384]);
}

/** The hello of a client that asks for this name. */
export function helloFor(name: string, ...alpn: readonly string[]): Buffer {
  return helloOf({ names: [[0, name]], ...(alpn.length > 0 && { alpn }) });
}

function messageOf(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([1]), withLength(3, body)]);
}

function extension(type: number, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type >> 8, type & 255]), withLength(2, data)]);
}

function withLength(size: number, bytes: Buffer): Buffer {
  const length = Buffer.alloc(size);
  length.writeUIntBE(bytes.length, 0, size);
  return Buffer.concat([length, bytes]);
}
