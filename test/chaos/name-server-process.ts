import { createSocket } from 'node:dgram';

/** A name and its only IPv4 address from now on. Answered by `true`. */
export type NameCommand = readonly [name: string, ip: string];

const HEADER_BYTES = 12;
const TYPE_A = 1;
const TTL_SECONDS = 1;
/** A response that is authoritative; and the same of a name that is not known. @see RFC 1035, 4.1.1 */
const FLAGS = 0x8580;
const NAME_ERROR = 3;

const addresses = new Map<string, string>();

/** Of a question without compression, as clients send it. */
function readQuestion(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function answer(query: Buffer): Buffer {
  const { name, type, end } = readQuestion(query);
  const ip = addresses.get(name);
  const hasAnswer = ip !== undefined && type === TYPE_A;
  const response = Buffer.from(query.subarray(0, end));
  response.writeUInt16BE(ip === undefined ? FLAGS | NAME_ERROR : FLAGS, 2);
  for (const [index, count] of [1, hasAnswer ? 1 : 0, 0, 0].entries()) response.writeUInt16BE(count, 4 + 2 * index);
  return hasAnswer ? Buffer.concat([response, recordOf(ip)]) : response;
}

/** Of the name of the question, to which it points. */
function recordOf(ip: string): Buffer {
  const record = Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, TTL_SECONDS, 0, 4]);
  return Buffer.concat([record, Buffer.from(ip.split('.').map(Number))]);
}

const socket = createSocket('udp4');
socket.on('message', (query, { address, port }) => socket.send(answer(query), port, address));
process.on('message', ([name, ip]: NameCommand) => {
  addresses.set(name, ip);
  process.send?.(true);
});
process.once('disconnect', () => socket.close());
socket.bind(53, process.argv[2], () => process.send?.(true));
