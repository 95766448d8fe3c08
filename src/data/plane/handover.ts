import { isUdp, type IpAddress } from '../../core/address.ts';
import { asError, errorCode } from '../../core/errors.ts';
import { PortSharing, sharesListeners } from '../engines/registry.ts';
import type { BindFailure } from '../protocol/messages.ts';
import { overlap } from './overlap.ts';
import type { WantedBind } from './placement.ts';

type IpBind = WantedBind & { readonly address: IpAddress };

/**
 * Binds that take the place of others which they overlap with, as `127.0.0.1:80` that of `*:80`. For a moment both listen,
 * so that no client is refused:
 * 1. the old ones let the new ones be bound beside them (`begin`);
 * 2. new clients pass over the old ones, and those whose handshake is under way still arrive there (`passOver`);
 * 3. the threads close the old ones a little later;
 * 4. nothing may be bound beside the new ones any more (`end`).
 */
export class Handover {
  readonly #sharing: PortSharing;
  readonly #leaving: readonly IpBind[];
  readonly #coming: readonly IpBind[];
  /** By bind, for threads that cannot share a listener and would open their own. */
  readonly #descriptors = new Map<string, number>();

  private constructor(sharing: PortSharing, leaving: readonly IpBind[], coming: readonly IpBind[]) {
    this.#sharing = sharing;
    this.#leaving = leaving;
    this.#coming = coming;
  }

  /** @returns undefined where there is none, or this platform cannot */
  static between(current: readonly WantedBind[], wanted: readonly WantedBind[]): Handover | undefined {
    const all = { current: bindsIn(current), wanted: bindsIn(wanted) };
    const leaving = current.filter(isIpBind).filter(({ bind }) => !all.wanted.has(bind));
    const coming = wanted
      .filter(isIpBind)
      .filter(({ bind, address }) => !all.current.has(bind) && leaving.some((old) => overlap(old.address, address)));
    if (coming.length === 0) return undefined;
    const replaced = leaving.filter((old) => coming.some(({ address }) => overlap(old.address, address)));
    try {
      return new Handover(new PortSharing(), replaced, coming);
    } catch {
      return undefined; // the bind is refused, and that says what to do
    }
  }

  /** Binds that are given up. */
  get leaving(): readonly string[] {
    return this.#leaving.map(({ bind }) => bind);
  }

  isComing(bind: string): boolean {
    return this.#coming.some((one) => one.bind === bind);
  }

  /** A socket that listens at this bind, for the thread that has it. */
  descriptorOf(bind: string): number | undefined {
    return this.#descriptors.get(bind);
  }

  /** @returns what could not be opened */
  begin(): readonly BindFailure[] {
    this.#sharing.allow(addressesOf(this.#leaving), true);
    const failures: BindFailure[] = [];
    for (const { server, bind, address, engine } of this.#coming) {
      if (sharesListeners(engine)) continue;
      try {
        this.#descriptors.set(bind, this.#sharing.open(address));
      } catch (thrown) {
        failures.push({ server, bind, code: errorCode(thrown), reason: asError(thrown).message });
      }
    }
    return failures;
  }

  /** To be called when the new ones listen, before the threads change over. They own their descriptors from here on. */
  passOver(): void {
    this.#descriptors.clear();
    this.#sharing.passOver(addressesOf(this.#leaving));
  }

  /** To be called when the threads have changed over, or rolled back. */
  end(): void {
    for (const { bind, address } of this.#coming) {
      const fd = this.#descriptors.get(bind);
      if (fd !== undefined) this.#sharing.discard(fd, address);
    }
    this.#sharing.allow(addressesOf([...this.#leaving, ...this.#coming]), false);
  }
}

/** Of TCP: there is no backlog of datagrams. */
function isIpBind(bind: WantedBind): bind is IpBind {
  return 'ip' in bind.address && !isUdp(bind.address);
}

function bindsIn(binds: readonly WantedBind[]): ReadonlySet<string> {
  return new Set(binds.map(({ bind }) => bind));
}

function addressesOf(binds: readonly IpBind[]): readonly IpAddress[] {
  return binds.map(({ address }) => address);
}
