import { addressText, type SocketAddress } from '../../core/address.ts';
import type { OpenedBind } from '../../data/protocol/messages.ts';

/** Where the kernel let the binds in force listen. The data plane reports it once, when a bind is opened. */
export class Listeners {
  #at: ReadonlyMap<string, string> = new Map();

  /** @param binds all that are open now @param opened those of them that are new */
  update(binds: readonly SocketAddress[], opened: readonly OpenedBind[]): void {
    const fresh = new Map(opened.map(({ bind, address }) => [bind, addressText(address)]));
    const texts = binds.map(addressText);
    this.#at = new Map(texts.map((text) => [text, fresh.get(text) ?? this.#at.get(text) ?? text]));
  }

  addressOf(bind: SocketAddress): string {
    const text = addressText(bind);
    return this.#at.get(text) ?? text;
  }
}
