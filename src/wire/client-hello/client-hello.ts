import { HelloMessage } from './hello-message.ts';

/** As long as a hello may be, its record headers among it. 18.8 kB were seen, with a chain of certificates in its ticket. */
export const LONGEST_HELLO = 64 * 1024;

const HANDSHAKE = 0x16;
const MAJOR_VERSION = 3;
const HEADER_BYTES = 5;
const LONGEST_RECORD = 16_384;

/**
 * `reading`: more bytes have to come. `whole`: the hello has come to its end. `not-tls`: these bytes are no ClientHello of
 * TLS. `too-long`: it is longer than allowed.
 */
export type HelloState = 'reading' | 'whole' | 'not-tls' | 'too-long';

/**
 * What a TLS client sends first, read as it comes: over any number of TCP segments, and of TLS records (RFC 8446, 5.1),
 * whose bodies are joined. Each byte is looked at once, so it costs linear time, and none but the name and the protocols
 * are kept. What follows the hello, early data, is not looked at.
 */
export class ClientHello {
  /** Bytes of the hello that were read, record headers among them. */
  bytes = 0;
  /** Of which a part at least was read. */
  records = 0;
  readonly #message: HelloMessage;
  readonly #most: number;
  /** Of the record's header. */
  #headerBytes = 0;
  #length = 0;
  #recordLeft = 0;
  #isTls = true;

  /** @param most bytes that it may have, record headers among them */
  constructor(most = LONGEST_HELLO) {
    this.#most = most;
    this.#message = new HelloMessage(most);
  }

  get state(): HelloState {
    if (!this.#isTls || this.#message.state === 'malformed') return 'not-tls';
    if (this.#message.state !== 'reading') return this.#message.state;
    return this.bytes >= this.#most ? 'too-long' : 'reading';
  }

  /**
   * Whether nothing that comes can change the name, nor the protocols if these are asked for. A name that has come stands,
   * whatever follows.
   */
  isDecided(wantsProtocols: boolean): boolean {
    if (this.state !== 'reading') return true;
    return this.#message.name !== undefined && (!wantsProtocols || this.#message.protocols !== undefined);
  }

  /** Whether it is a hello as far as was asked: also one whose end has not come. */
  isHello(wantsProtocols: boolean): boolean {
    const { name, protocols, state } = this.#message;
    return state === 'whole' || (name !== undefined && (!wantsProtocols || protocols !== undefined));
  }

  /** As the client sent it; undefined where there is none, or it has not come. */
  get name(): Uint8Array | undefined {
    return this.#message.name;
  }

  /** As the client offers them; none where it offers none, or they have not come. */
  get protocols(): readonly Uint8Array[] {
    return this.#message.protocols ?? [];
  }

  /** So many bytes have to come before it makes sense to look again; 0 when it is decided in any case. */
  get lacks(): number {
    if (this.state !== 'reading') return 0;
    if (this.#recordLeft === 0) return HEADER_BYTES - this.#headerBytes + 1;
    const { lacks } = this.#message;
    return lacks <= this.#recordLeft ? lacks : lacks + HEADER_BYTES;
  }

  /** Takes the next bytes that have come. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && this.state === 'reading') {
      const end = Math.min(bytes.length, at + this.#most - this.bytes);
      const next = this.#recordLeft === 0 ? this.#header(bytes[at] as number, at) : this.#body(bytes, at, end);
      this.bytes += next - at;
      at = next;
    }
  }

  #header(byte: number, at: number): number {
    switch (this.#headerBytes) {
      case 0:
        this.#isTls = byte === HANDSHAKE;
        break;
      case 1:
        this.#isTls = byte === MAJOR_VERSION;
        break;
      case 2: // any minor version
        break;
      case 3:
        this.#length = byte * 256;
        break;
      default:
        this.#length += byte;
        this.#isTls = this.#length > 0 && this.#length <= LONGEST_RECORD;
        this.#recordLeft = this.#length;
        this.records += 1;
    }
    this.#headerBytes = (this.#headerBytes + 1) % HEADER_BYTES;
    return at + 1;
  }

  #body(bytes: Uint8Array, at: number, end: number): number {
    const to = this.#message.push(bytes, at, Math.min(end, at + this.#recordLeft));
    this.#recordLeft -= to - at;
    return to;
  }
}
