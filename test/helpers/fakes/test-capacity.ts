import type { Capacity, Cursor, Member, Selection } from '../../../src/core/balancer.ts';
import type { ElectionContext } from '../../../src/core/context.ts';
import type { Random } from '../../../src/core/random.ts';
import { parseIp } from '../../../src/wire/ip.ts';

/** Capacity as a test sets it. Where it says nothing, a backend is idle and has no limit. */
export class TestCapacity implements Capacity {
  readonly limits = new Map<number, number>();
  readonly bandwidths = new Map<number, number>();
  /** Slots whose last place another thread takes between the look and the next `reserve`. */
  readonly races = new Set<number>();
  readonly #active = new Map<number, number>();

  active(slot: number): number {
    return this.#active.get(slot) ?? 0;
  }

  bandwidth(slot: number): number {
    return this.bandwidths.get(slot) ?? 0;
  }

  hasRoom(slot: number): boolean {
    return this.active(slot) < (this.limits.get(slot) ?? Infinity);
  }

  reserve(slot: number): boolean {
    if (this.races.delete(slot)) this.fill(slot);
    if (!this.hasRoom(slot)) return false;
    this.add(slot, 1);
    return true;
  }

  /** Connections that come or, with a negative count, go. */
  add(slot: number, count: number): void {
    this.#active.set(slot, this.active(slot) + count);
  }

  fill(slot: number): void {
    this.limits.set(slot, this.active(slot));
  }
}

/** Members in byte order of their keys, as `[key, weight]`, their slots unlike their places. */
export function membersOf(...entries: readonly (readonly [key: string, weight: number])[]): readonly Member[] {
  return entries
    .map(([key, weight], i) => ({ slot: 5 + 3 * (entries.length - i), key, weight }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** `count` members of weight 1. */
export function equalMembers(count: number): readonly Member[] {
  return membersOf(...Array.from({ length: count }, (_, i) => [`10.0.${i >>> 8}.${i & 255}:80`, 1] as const));
}

/** A cursor as the ledger's. */
export function cursorFrom(start = 0): Cursor {
  let count = start;
  return {
    next() {
      const now = count;
      count = (count + 1) >>> 0;
      return now;
    },
  };
}

/** The client of an address, as an IPv4 listener (4 bytes) or an IPv6 one (16) shows it; no address is a unix socket. */
export function clientOf(address?: string): ElectionContext {
  const ip = new Uint8Array(16);
  return { ip, ipLength: address === undefined ? 0 : parseIp(address, ip) };
}

/** The n-th IPv4 client. Neighbours in number are neighbours in address. */
export function clientNumber(n: number): ElectionContext {
  return clientOf(`10.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`);
}

/** A repeatable source of chance: a 32-bit linear congruential generator (Numerical Recipes). */
export function seededRandom(seed = 1): Random {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The connections that each member gets of `count`, by key. They last, or each ends before the next. */
export function shares(
  selection: Selection,
  members: readonly Member[],
  {
    count,
    capacity = new TestCapacity(),
    lasting = false,
  }: { count: number; capacity?: TestCapacity; lasting?: boolean },
): Record<string, number> {
  const keys = new Map(members.map(({ slot, key }) => [slot, key]));
  const got: Record<string, number> = {};
  for (let n = 0; n < count; n++) {
    const slot = selection.elect(clientNumber(n), capacity);
    const key = keys.get(slot) ?? 'nobody';
    got[key] = (got[key] ?? 0) + 1;
    if (!lasting) capacity.add(slot, -1);
  }
  return got;
}
