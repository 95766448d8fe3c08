import type { HelloState } from '../../src/wire/client-hello/client-hello.ts';

const LONGEST_RECORD = 16_384;
const LONGEST_NAME = 1024;
const MOST_PROTOCOLS = 32;

export interface ReadHello {
  readonly state: HelloState;
  readonly name: string | undefined;
  readonly protocols: readonly string[];
}

/** Thrown to end the reading. */
class End extends Error {
  readonly state: HelloState;

  constructor(state: HelloState) {
    super(state);
    this.state = state;
  }
}

/** RFC 8446, 4.1.2 and 5.1 once more, as plain as it goes: all records are joined first, and then read from the start. */
export function readHello(bytes: Buffer, most: number): ReadHello {
  const { body, isTls } = joinedRecords(bytes);
  const found: { name?: string; protocols?: string[] } = {};
  let state: HelloState;
  try {
    readMessage(body, most, found);
    state = 'whole';
  } catch (thrown) {
    if (!(thrown instanceof End)) throw thrown;
    state = thrown.state === 'reading' && !isTls ? 'not-tls' : thrown.state;
  }
  return { state, name: found.name, protocols: found.protocols ?? [] };
}

/** Up to what is no record of a hello. */
function joinedRecords(bytes: Buffer): { readonly body: Buffer; readonly isTls: boolean } {
  const bodies: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const header = bytes.subarray(at, at + 5);
    const length = header.length === 5 ? header.readUInt16BE(3) : 1;
    if (header[0] !== 0x16 || (header[1] ?? 3) !== 3 || length === 0 || length > LONGEST_RECORD)
      return { body: Buffer.concat(bodies), isTls: false };
    bodies.push(bytes.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  return { body: Buffer.concat(bodies), isTls: true };
}

/** Reads numbers and bytes of a message, each within the bounds of what it stands in. */
class Cursor {
  at = 0;
  readonly #body: Buffer;

  constructor(body: Buffer) {
    this.#body = body;
  }

  bytes(length: number, end: number): Buffer {
    if (this.at + length > end) throw new End('not-tls');
    if (this.at + length > this.#body.length) throw new End('reading');
    this.at += length;
    return this.#body.subarray(this.at - length, this.at);
  }

  number(length: number, end: number): number {
    return this.bytes(length, end).readUIntBE(0, length);
  }

  /** A part with its length before it. @returns where it ends */
  part(lengthBytes: number, end: number): number {
    const length = this.number(lengthBytes, end);
    if (this.at + length > end) throw new End('not-tls');
    return this.at + length;
  }
}

function readMessage(body: Buffer, most: number, found: { name?: string; protocols?: string[] }): void {
  const cursor = new Cursor(body);
  if (cursor.number(1, 4) !== 1) throw new End('not-tls');
  const end = 4 + cursor.number(3, 4);
  if (end > most) throw new End('too-long');
  cursor.bytes(34, end);
  for (const lengthBytes of [1, 2, 1]) cursor.bytes(cursor.number(lengthBytes, end), end);
  if (cursor.at === end) return;
  if (cursor.part(2, end) !== end) throw new End('not-tls');
  while (cursor.at < end) readExtension(cursor, end, found);
}

function readExtension(cursor: Cursor, end: number, found: { name?: string; protocols?: string[] }): void {
  const type = cursor.number(2, end);
  const extensionEnd = cursor.part(2, end);
  const hasList = extensionEnd - cursor.at >= 2;
  if (hasList && type === 0 && found.name === undefined) {
    const listEnd = cursor.part(2, extensionEnd);
    while (cursor.at < listEnd) {
      const kind = cursor.number(1, listEnd);
      const length = cursor.number(2, listEnd);
      const isWanted = kind === 0 && found.name === undefined;
      // Known to be none of use before it has come.
      if (isWanted && length > LONGEST_NAME) found.name = '';
      const name = cursor.bytes(length, listEnd).toString('latin1');
      if (isWanted) found.name ??= name;
    }
  } else if (hasList && type === 16 && found.protocols === undefined) {
    const listEnd = cursor.part(2, extensionEnd);
    const protocols: string[] = [];
    while (cursor.at < listEnd) protocols.push(cursor.bytes(cursor.number(1, listEnd), listEnd).toString('latin1'));
    found.protocols = protocols.slice(0, MOST_PROTOCOLS);
  }
  cursor.bytes(extensionEnd - cursor.at, extensionEnd);
}
