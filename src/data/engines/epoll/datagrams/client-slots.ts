import type { ClientAddress } from '../../../../core/engine.ts';
import { encodeClientAddress } from '../../../../wire/client-address.ts';
import type { Libc } from '../../linux/libc.ts';
import * as layout from '../../linux/message-layout.ts';
import { NativeMemory } from '../../linux/native-memory.ts';
import type { ReceiveBatch } from '../../linux/receive-batch.ts';

const SLOTS_IN_CHUNK = 128;
/** A name, and behind it a control message with the address that was asked. */
const SLOT_WORDS = 32;

const IPV4_INFO_LENGTH = 28;
const IPV6_INFO_LENGTH = 36;
const IPV4_INFO_BYTES = 32;
const IPV6_INFO_BYTES = 40;

/** Where one client's address stands, as sendmmsg(2) wants it. */
export interface ClientSlot {
  readonly slot: number;
  readonly memory: NativeMemory;
  /** Its first word. */
  readonly at: number;
  readonly nameBytes: number;
  readonly controlBytes: number;
}

/** Memory for the addresses of clients, which the kernel reads. It stays where it is while it grows. */
export class ClientSlots {
  readonly #libc: Libc;
  readonly #chunks: NativeMemory[] = [];
  readonly #free: number[] = [];
  #next = 0;

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** Of the client that has sent this message, as `readControl` has just read it. */
  take(batch: ReceiveBatch, index: number): ClientSlot {
    const { slot, memory, at } = this.#place();
    const names = batch.names.words;
    for (let word = 0; word < layout.NAME_WORDS; word++)
      memory.words[at + word] = names[index * layout.NAME_WORDS + word]!;
    const isIpv4 = (memory.words[at]! & 0xffff) === layout.IPV4_FAMILY;
    const nameBytes = isIpv4 ? layout.IPV4_NAME_BYTES : layout.IPV6_NAME_BYTES;
    return { slot, memory, at, nameBytes, controlBytes: writeInfo(memory.words, at + layout.NAME_WORDS, batch) };
  }

  /** For another session of the same client. */
  copy(of: ClientSlot): ClientSlot {
    const { slot, memory, at } = this.#place();
    memory.words.set(of.memory.words.subarray(of.at, of.at + SLOT_WORDS), at);
    return { slot, memory, at, nameBytes: of.nameBytes, controlBytes: of.controlBytes };
  }

  release(slot: number): void {
    this.#free.push(slot);
  }

  #place(): { readonly slot: number; readonly memory: NativeMemory; readonly at: number } {
    const slot = this.#free.pop() ?? this.#next++;
    const chunk = Math.floor(slot / SLOTS_IN_CHUNK);
    const memory = (this.#chunks[chunk] ??= new NativeMemory(this.#libc, 4 * SLOT_WORDS * SLOTS_IN_CHUNK));
    return { slot, memory, at: (slot % SLOTS_IN_CHUNK) * SLOT_WORDS };
  }
}

/** The address that a client asked; '' where it is not known. */
export function askedAddress({ memory, at, controlBytes }: ClientSlot, port: number): ClientAddress {
  if (controlBytes === 0) return '';
  const isIpv4 = controlBytes === IPV4_INFO_BYTES;
  const data = at + layout.NAME_WORDS + layout.CMSG_DATA;
  return encodeClientAddress(memory.bytes, { at: 4 * (isIpv4 ? data + 1 : data), length: isIpv4 ? 4 : 16 }, port);
}

/** @returns bytes of the control message; 0 where the answer may leave from any address, or the asked one is of a group */
function writeInfo(
  words: Uint32Array,
  at: number,
  { localWords, localAt, control, interfaceNumber }: ReceiveBatch,
): number {
  if (localWords === 0) return 0;
  const first = control.words[localAt]!;
  const isIpv4 = localWords === 1;
  if (!isIpv4 && (first & 0xff) === 0xff) return 0;
  const kind = isIpv4 ? layout.PACKET_INFO : layout.PACKET_INFO6;
  words[at] = isIpv4 ? IPV4_INFO_LENGTH : IPV6_INFO_LENGTH;
  words[at + 1] = 0;
  words[at + layout.CMSG_LEVEL] = kind >>> 16;
  words[at + layout.CMSG_TYPE] = kind & 0xffff;
  const data = at + layout.CMSG_DATA;
  if (isIpv4) {
    words[data] = words[data + 2] = words[data + 3] = 0;
    words[data + 1] = first;
    return IPV4_INFO_BYTES;
  }
  for (let word = 0; word < localWords; word++) words[data + word] = control.words[localAt + word]!;
  // fe80::/10: the same address is at each interface.
  words[data + 4] = (first & 0xc0ff) === 0x80fe ? interfaceNumber : 0;
  words[data + 5] = 0;
  return IPV6_INFO_BYTES;
}
