import { ipOf } from './ip-text.ts';

/** Types of records (RFC 1035, RFC 3596). */
export const TYPE_OF_FAMILY = { 4: 1, 6: 28 } as const;
export type Family = keyof typeof TYPE_OF_FAMILY;
const CNAME = 5;
const CLASS_IN = 1;

const HEADER_BYTES = 12;
const LONGEST_LABEL = 63;
/** With the bytes of the lengths, and the root's. */
const LONGEST_NAME = 255;
const MOST_ALIASES = 16;

export const RCODE = { none: 0, servfail: 2, nxdomain: 3 } as const;

export interface Question {
  /** Without a dot at its end. */
  readonly name: string;
  readonly family: Family;
}

/** What a name server says of one question. */
export interface Answer {
  readonly rcode: number;
  /** It did not fit: it is to be asked for by TCP. */
  readonly isTruncated: boolean;
  /** It knows nothing of the name and points elsewhere: it is not a server for us. */
  readonly isReferral: boolean;
  /** Of the name, or of what it is an alias of; each once. */
  readonly addresses: readonly string[];
  /** The least of all records that led to the addresses, in seconds. */
  readonly ttl: number;
}

/** Whether a name can be asked for: its labels have 1 to 63 bytes, and all of it 253. */
export function isQuestionable(name: string): boolean {
  const labels = name.split('.');
  const isFit = labels.every((label) => label.length > 0 && Buffer.byteLength(label) <= LONGEST_LABEL);
  return isFit && Buffer.byteLength(name) + 2 <= LONGEST_NAME;
}

/** A standard question with recursion, without EDNS, as getaddrinfo asks. */
export function questionBytes(id: number, { name, family }: Question): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(0x0100, 2);
  header.writeUInt16BE(1, 4);
  const labels = name.split('.').flatMap((label) => [Buffer.from([Buffer.byteLength(label)]), Buffer.from(label)]);
  return Buffer.concat([header, ...labels, Buffer.from([0, 0, TYPE_OF_FAMILY[family], 0, CLASS_IN])]);
}

/** @returns undefined where it is no answer to this question, or cannot be read */
export function readAnswer(bytes: Buffer, id: number, question: Question): Answer | undefined {
  try {
    return answerOf(new Reader(bytes), id, question);
  } catch {
    // It ends too early, or points where nothing is.
    return undefined;
  }
}

interface Resource {
  readonly owner: string;
  readonly type: number;
  readonly ttl: number;
  /** Of a CNAME. */
  readonly alias: string;
  /** Of an address. */
  readonly data: Buffer;
}

function answerOf(reader: Reader, id: number, { name, family }: Question): Answer | undefined {
  const [readId, flags, questions, answers] = [reader.word(), reader.word(), reader.word(), reader.word()];
  const [, additional] = [reader.word(), reader.word()];
  const isAnswer = (flags & 0x8000) !== 0;
  if (readId !== id || !isAnswer || questions !== 1) return undefined;
  const type = TYPE_OF_FAMILY[family];
  if (reader.name() !== lowerCase(name) || reader.word() !== type || reader.word() !== CLASS_IN) return undefined;
  const isTruncated = (flags & 0x0200) !== 0;
  const resources = isTruncated ? [] : Array.from({ length: answers }, () => reader.resource());
  const rcode = flags & 15;
  const isReferral = rcode === RCODE.none && answers === 0 && additional === 0 && (flags & 0x0480) === 0;
  return { rcode, isTruncated, isReferral, ...addressesOf(lowerCase(name), type, resources) };
}

function addressesOf(name: string, type: number, resources: readonly Resource[]): Pick<Answer, 'addresses' | 'ttl'> {
  const aliases = new Map(resources.filter((each) => each.type === CNAME).map((each) => [each.owner, each]));
  let owner = name;
  let ttl = Infinity;
  for (let steps = 0; steps < MOST_ALIASES; steps++) {
    const alias = aliases.get(owner);
    if (alias === undefined) break;
    ttl = Math.min(ttl, alias.ttl);
    owner = alias.alias;
  }
  const size = type === TYPE_OF_FAMILY[4] ? 4 : 16;
  const found = resources.filter((each) => each.owner === owner && each.type === type && each.data.length === size);
  const addresses = [...new Set(found.map(({ data }) => ipOf(data)))];
  return { addresses, ttl: Math.min(ttl, ...found.map((each) => each.ttl)) };
}

/** Throws RangeErrors where the bytes end. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  word(): number {
    this.#at += 2;
    return this.#bytes.readUInt16BE(this.#at - 2);
  }

  resource(): Resource {
    const owner = this.name();
    const [type] = [this.word(), this.word()];
    const seconds = this.#bytes.readUInt32BE(this.#at);
    this.#at += 4;
    const length = this.word();
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError('the record ends too early');
    const data = this.#bytes.subarray(from, this.#at);
    // RFC 2181: a time with the highest bit set is 0.
    return {
      owner,
      type,
      ttl: seconds > 0x7fffffff ? 0 : seconds,
      alias: type === CNAME ? this.#nameAt(from) : '',
      data,
    };
  }

  /** In lower case, without a dot at its end. */
  name(): string {
    const name = this.#nameAt(this.#at);
    let size = this.#bytes.readUInt8(this.#at);
    while (size > 0 && size < 0xc0) {
      this.#at += size + 1;
      size = this.#bytes.readUInt8(this.#at);
    }
    this.#at += size === 0 ? 1 : 2;
    return name;
  }

  #nameAt(start: number): string {
    const labels: string[] = [];
    let at = start;
    let size = this.#bytes.readUInt8(at);
    let bytes = 0;
    while (size > 0) {
      if (size >= 0xc0) {
        const target = this.#bytes.readUInt16BE(at) & 0x3fff;
        // Backwards only: with the limit of a name's length this ends every circle.
        if (target >= at) throw new RangeError('a name points forwards');
        at = target;
      } else {
        if (size > LONGEST_LABEL) throw new RangeError('not a label');
        bytes += size + 1;
        if (bytes > LONGEST_NAME || at + size >= this.#bytes.length) throw new RangeError('the name is too long');
        labels.push(this.#bytes.toString('latin1', at + 1, at + 1 + size).replaceAll('.', '\\.'));
        at += size + 1;
      }
      size = this.#bytes.readUInt8(at);
    }
    return lowerCase(labels.join('.'));
  }
}

/** ASCII alone: DNS knows no other. */
function lowerCase(name: string): string {
  return name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
