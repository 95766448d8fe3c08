/** What a field of the message is; each says what is read next. */
type Field =
  | 'type'
  | 'message-length'
  | 'version-and-random'
  | 'session-length'
  | 'session'
  | 'ciphers-length'
  | 'ciphers'
  | 'compressions-length'
  | 'compressions'
  | 'extensions-length'
  | 'extension-type'
  | 'extension-length'
  | 'extension'
  | 'names-length'
  | 'name-type'
  | 'name-length'
  | 'name'
  | 'protocols-length'
  | 'protocol-length'
  | 'protocol';

const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const ALPN = 16;
const HOST_NAME = 0;
const TYPE_BYTES = 2;
const EXTENSION_HEADER_BYTES = 4;
const VERSION_AND_RANDOM_BYTES = 34;

/** A longer one counts as an empty one: names have 253 bytes, and this one may go to a log. */
const LONGEST_NAME = 1_024;
/** As many as rules and logs need: real clients offer one to three. */
const MOST_PROTOCOLS = 32;

export type MessageState = 'reading' | 'whole' | 'malformed' | 'too-long';

/**
 * A ClientHello (RFC 8446, 4.1.2), read as its bytes come, in any pieces: numbers are put together byte by byte, and all
 * that is of no interest is passed over. So it costs linear time and holds nothing but the name and the protocols. Each
 * length is held against the one around it.
 */
export class HelloMessage {
  state: MessageState = 'reading';
  /** The first host name; undefined until it has come, and where there is none. */
  name: Uint8Array | undefined;
  /** Of the application-layer protocols, in the client's order; undefined until they have come, likewise. */
  protocols: readonly Uint8Array[] | undefined;
  readonly #most: number;
  #field: Field = 'type';
  /** Bytes that the field still lacks. */
  #lacks = 1;
  #isNumber = true;
  #value = 0;
  /** Of a field that is kept. */
  #kept: Uint8Array | undefined;
  /** Where the field ends that is read now. */
  #at = 1;
  #messageEnd = 4;
  #extensionsEnd = 0;
  #extensionEnd = 0;
  #extensionType = 0;
  #nameType = 0;
  #listEnd = 0;
  #offered: Uint8Array[] = [];

  /** @param most bytes that the message may have */
  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes without which nothing new can be known. At least 1 while it is read. */
  get lacks(): number {
    return this.#at >= this.#messageEnd ? this.#lacks : this.#lacks + 1;
  }

  /** Takes the next bytes of the message, from one index to before another. @returns where it stopped: at its end, earlier */
  push(bytes: Uint8Array, from: number, to: number): number {
    let at = this.#passOver(bytes, from, to);
    while (at < to && this.state === 'reading') {
      if (this.#isNumber) {
        this.#value = this.#value * 256 + (bytes[at] as number);
        at += 1;
        this.#lacks -= 1;
      } else {
        const length = Math.min(this.#lacks, to - at);
        const kept = this.#kept;
        kept?.set(bytes.subarray(at, at + length), kept.length - this.#lacks);
        at += length;
        this.#lacks -= length;
      }
      this.#complete();
      at = this.#passOver(bytes, at, to);
    }
    return at;
  }

  /** Extensions of no interest, which most are, as far as they are there whole. @returns where the next begins */
  #passOver(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (this.#field === 'extension-type' && this.#lacks === TYPE_BYTES && at + EXTENSION_HEADER_BYTES <= to) {
      const type = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
      const length = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
      const end = this.#at - TYPE_BYTES + EXTENSION_HEADER_BYTES + length;
      if (type === SERVER_NAME || type === ALPN || end > this.#extensionsEnd) break;
      if (at + EXTENSION_HEADER_BYTES + length > to || this.state !== 'reading') break;
      at += EXTENSION_HEADER_BYTES + length;
      this.#at = end;
      this.#extension();
    }
    return at;
  }

  /** All fields that lack nothing, among them those without bytes. */
  #complete(): void {
    while (this.#lacks === 0 && this.state === 'reading') this.#next();
  }

  /** The field is there: what it says, and which one comes next. */
  #next(): void {
    const value = this.#value;
    switch (this.#field) {
      case 'type':
        if (value !== CLIENT_HELLO) return this.#fail();
        return this.#readNumber('message-length', 3, 4);
      case 'message-length':
        this.#messageEnd = 4 + value;
        if (this.#messageEnd > this.#most) this.state = 'too-long';
        return this.#read('version-and-random', VERSION_AND_RANDOM_BYTES, this.#messageEnd);
      case 'version-and-random':
        return this.#readNumber('session-length', 1, this.#messageEnd);
      case 'session-length':
        return this.#read('session', value, this.#messageEnd);
      case 'session':
        return this.#readNumber('ciphers-length', 2, this.#messageEnd);
      case 'ciphers-length':
        return this.#read('ciphers', value, this.#messageEnd);
      case 'ciphers':
        return this.#readNumber('compressions-length', 1, this.#messageEnd);
      case 'compressions-length':
        return this.#read('compressions', value, this.#messageEnd);
      case 'compressions':
        // Before TLS 1.2 there need not be any.
        if (this.#at === this.#messageEnd) return this.#finish();
        return this.#readNumber('extensions-length', 2, this.#messageEnd);
      case 'extensions-length':
        this.#extensionsEnd = this.#at + value;
        if (this.#extensionsEnd !== this.#messageEnd) return this.#fail();
        return this.#extension();
      case 'extension-type':
        this.#extensionType = value;
        return this.#readNumber('extension-length', 2, this.#extensionsEnd);
      case 'extension-length':
        this.#extensionEnd = this.#at + value;
        if (this.#extensionEnd > this.#extensionsEnd) return this.#fail();
        return this.#inside(value);
      case 'extension':
        return this.#extension();
      case 'names-length':
        this.#listEnd = this.#at + value;
        if (this.#listEnd > this.#extensionEnd) return this.#fail();
        return this.#oneName();
      case 'name-type':
        this.#nameType = value;
        return this.#readNumber('name-length', 2, this.#listEnd);
      case 'name-length': {
        const isWanted = this.#nameType === HOST_NAME && this.name === undefined;
        if (isWanted && value > LONGEST_NAME) this.name = new Uint8Array(0);
        return this.#read('name', value, this.#listEnd, isWanted && value <= LONGEST_NAME ? value : undefined);
      }
      case 'name':
        if (this.#kept !== undefined) this.name = this.#kept;
        this.#kept = undefined;
        return this.#oneName();
      case 'protocols-length':
        this.#listEnd = this.#at + value;
        if (this.#listEnd > this.#extensionEnd) return this.#fail();
        return this.#oneProtocol();
      case 'protocol-length': {
        const isWanted = this.#offered.length < MOST_PROTOCOLS;
        return this.#read('protocol', value, this.#listEnd, isWanted ? value : undefined);
      }
      case 'protocol':
        if (this.#kept !== undefined) this.#offered.push(this.#kept);
        this.#kept = undefined;
        return this.#oneProtocol();
      default:
        return this.#field satisfies never;
    }
  }

  /** On to the extension that follows, if any does. */
  #extension(): void {
    if (this.#at === this.#extensionsEnd) return this.#finish();
    this.#readNumber('extension-type', 2, this.#extensionsEnd);
  }

  #inside(length: number): void {
    const hasList = length >= 2;
    if (this.#extensionType === SERVER_NAME && hasList && this.name === undefined)
      return this.#readNumber('names-length', 2, this.#extensionEnd);
    if (this.#extensionType === ALPN && hasList && this.protocols === undefined)
      return this.#readNumber('protocols-length', 2, this.#extensionEnd);
    this.#read('extension', length, this.#extensionEnd);
  }

  #oneName(): void {
    if (this.#at === this.#listEnd) return this.#restOfExtension();
    this.#readNumber('name-type', 1, this.#listEnd);
  }

  #oneProtocol(): void {
    if (this.#at < this.#listEnd) return this.#readNumber('protocol-length', 1, this.#listEnd);
    this.protocols = this.#offered;
    this.#restOfExtension();
  }

  #restOfExtension(): void {
    this.#read('extension', this.#extensionEnd - this.#at, this.#extensionEnd);
  }

  /** @param end where what the field is a part of ends @param kept bytes of it that are kept; absent: none */
  #read(field: Field, length: number, end: number, kept?: number): void {
    if (this.#at + length > end) return this.#fail();
    this.#at += length;
    this.#field = field;
    this.#lacks = length;
    this.#isNumber = false;
    this.#kept = kept === undefined ? undefined : new Uint8Array(kept);
  }

  #readNumber(field: Field, length: number, end: number): void {
    this.#read(field, length, end);
    this.#isNumber = true;
    this.#value = 0;
  }

  #finish(): void {
    this.state = 'whole';
  }

  #fail(): void {
    if (this.state === 'reading') this.state = 'malformed';
  }
}
