import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { TestContext } from 'node:test';

/** What a zone says of a name. Without addresses it is there and has none of that type. */
export interface Zone {
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  /** It stands for another name. */
  readonly alias?: string;
  readonly ttl?: number;
  /** `truncated`: by UDP the answer does not fit. `silent-v6`, `servfail-v6`: only for that type. */
  readonly fault?: 'nxdomain' | 'servfail' | 'refused' | 'silent' | 'truncated' | 'silent-v6' | 'servfail-v6';
}

/** Of a name, in lower case; undefined: there is none. */
export type Zones = (name: string) => Zone | undefined;

const TYPES = { a: 1, aaaa: 28 } as const;
const RCODES = { nxdomain: 3, servfail: 2, refused: 5 } as const;

/** A name server on UDP and TCP at the same port. */
export async function startDns(t: Pick<TestContext, 'after'>, zones: Zones, port = 0) {
  /** `name type`, as they came. */
  const asked: string[] = [];
  let isSilent = false;
  const answer = (question: Buffer, isTcp: boolean): Buffer | undefined => {
    const { name, type, end } = questionOf(question);
    asked.push(`${name} ${type === TYPES.a ? 'A' : 'AAAA'}${isTcp ? ' tcp' : ''}`);
    return isSilent ? undefined : answerOf(question.subarray(0, end), { name, type, isTcp }, zones);
  };
  const udp = createSocket('udp4');
  udp.on('message', (question, from) => {
    const bytes = answer(question, false);
    if (bytes !== undefined) udp.send(bytes, from.port, from.address);
  });
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    let bytes: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
        const end = 2 + bytes.readUInt16BE(0);
        const message = answer(bytes.subarray(2, end), true);
        if (message !== undefined) socket.write(Buffer.concat([word(message.length), message]));
        bytes = bytes.subarray(end);
      }
    });
  });
  tcp.listen(port, '127.0.0.1');
  await once(tcp, 'listening');
  const at = (tcp.address() as AddressInfo).port;
  udp.bind(at, '127.0.0.1');
  await once(udp, 'listening');
  t.after(() => {
    udp.close();
    tcp.close();
  });
  return { port: at, asked, silence: (isNow: boolean) => void (isSilent = isNow) };
}

function questionOf(question: Buffer) {
  const labels: string[] = [];
  let at = 12;
  for (let size = question[at] ?? 0; size > 0; size = question[at] ?? 0) {
    labels.push(question.toString('latin1', at + 1, at + 1 + size));
    at += size + 1;
  }
  return { name: labels.join('.').toLowerCase(), type: question.readUInt16BE(at + 1), end: at + 5 };
}

function answerOf(
  question: Buffer,
  { name, type, isTcp }: { readonly name: string; readonly type: number; readonly isTcp: boolean },
  zones: Zones,
): Buffer | undefined {
  const zone = zones(name);
  const fault = faultOf(zone, type);
  if (fault === 'silent') return undefined;
  if (fault === 'truncated' && !isTcp) return Buffer.concat([header(question, 0x8380, 0), question.subarray(12)]);
  const rcode = fault === undefined || fault === 'truncated' ? 0 : RCODES[fault];
  const records = rcode === 0 ? recordsOf(name, type, zones) : [];
  return Buffer.concat([header(question, 0x8180 + rcode, records.length), question.subarray(12), ...records]);
}

function faultOf(zone: Zone | undefined, type: number) {
  if (zone === undefined) return 'nxdomain';
  const { fault } = zone;
  if (fault === 'silent-v6') return type === TYPES.aaaa ? 'silent' : undefined;
  if (fault === 'servfail-v6') return type === TYPES.aaaa ? 'servfail' : undefined;
  return fault;
}

function header(question: Buffer, flags: number, answers: number): Buffer {
  return Buffer.concat([question.subarray(0, 2), word(flags), word(1), word(answers), word(0), word(0)]);
}

function recordsOf(name: string, type: number, zones: Zones): Buffer[] {
  const zone = zones(name);
  if (zone === undefined) return [];
  const { ttl = 60, alias } = zone;
  if (alias !== undefined) return [record(name, 5, ttl, nameBytes(alias)), ...recordsOf(alias, type, zones)];
  const found = type === TYPES.a ? zone.a : type === TYPES.aaaa ? zone.aaaa : undefined;
  return (found ?? []).map((ip) => record(name, type, ttl, ipBytes(ip)));
}

function record(name: string, type: number, ttl: number, data: Buffer): Buffer {
  const seconds = Buffer.alloc(4);
  seconds.writeUInt32BE(ttl);
  return Buffer.concat([nameBytes(name), word(type), word(1), seconds, word(data.length), data]);
}

function nameBytes(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function ipBytes(ip: string): Buffer {
  if (!ip.includes(':')) return Buffer.from(ip.split('.').map(Number));
  const [head = '', tail = ''] = ip.split('::');
  const [first, last] = [head, tail].map((part) => part.split(':').filter((group) => group !== '')) as [
    string[],
    string[],
  ];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0');
  return Buffer.concat([...first, ...zeros, ...last].map((group) => word(Number.parseInt(group, 16))));
}

function word(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}
