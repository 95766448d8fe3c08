import type { ClientAddress } from '../../../../core/engine.ts';
import { IPV4_FAMILY, NAME_WORDS } from '../../linux/message-layout.ts';
import type { ReceiveBatch } from '../../linux/receive-batch.ts';
import { KEY_WORDS, type SessionTable } from './session-table.ts';

/** In struct sockaddr_in6, behind family, port and flow label: the address and its zone. */
const IPV6_AT = 2;
const IPV6_WORDS = 5;

/** What a session is found by: address and port of the client, the address it asked, and the client that a header names. */
export class ClientKey {
  readonly words = new Uint32Array(KEY_WORDS);
  length = 0;

  /** Of a message whose control was read. */
  read({ names, control, localAt, localWords }: ReceiveBatch, index: number, named: ClientAddress | undefined): void {
    const name = index * NAME_WORDS;
    const familyAndPort = names.words[name]!;
    this.words[0] = familyAndPort;
    this.length = 1;
    if ((familyAndPort & 0xffff) === IPV4_FAMILY) this.#append(names.words, name + 1, 1);
    else this.#append(names.words, name + IPV6_AT, IPV6_WORDS);
    this.#append(control.words, localAt, localWords);
    if (named !== undefined) this.#appendText(named);
  }

  /** Of a session, also of one that is not found any more. */
  copy(table: SessionTable, slot: number): void {
    this.length = table.readKey(slot, this.words);
  }

  #append(from: Uint32Array, at: number, count: number): void {
    for (let word = 0; word < count; word++) this.words[this.length + word] = from[at + word]!;
    this.length += count;
  }

  /** Two bytes of a ClientAddress, which has as many characters, and its length. */
  #appendText(text: string): void {
    this.words[this.length++] = text.length;
    for (let index = 0; index < text.length; index += 4) {
      const low = text.charCodeAt(index) | (text.charCodeAt(index + 1) << 8);
      const high = text.charCodeAt(index + 2) | (text.charCodeAt(index + 3) << 8);
      this.words[this.length++] = low | (high << 16);
    }
  }
}
