import { MOST_LINKS, OPEN_LINKS, type DescriptorBudget } from '../core/engine.ts';
import { openFilesLimit } from '../core/open-files.ts';
import { readdirSync } from 'node:fs';

/** Descriptors of a link: the client's and the backend's. */
const PER_LINK = 2;

/** Left for files, name lookups, a dial to the next address and the log. */
const RESERVE = 12;

const UNLIMITED = 2 ** 31 - 1;

/**
 * How many connections the descriptors of this process allow, from proc(5): the soft limit less what is open for other
 * purposes. Where there is no /proc the count is unlimited and the system's own errors decide.
 */
export class DescriptorLimit {
  readonly #shared = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  readonly #words = new Int32Array(this.#shared);

  constructor() {
    this.#words[MOST_LINKS] = UNLIMITED;
  }

  /** For one thread. */
  budget(): DescriptorBudget {
    return { shared: this.#shared, held: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT) };
  }

  /** The thread of this budget has died. */
  giveBack({ held }: DescriptorBudget): void {
    Atomics.sub(this.#words, OPEN_LINKS, Atomics.exchange(new Int32Array(held), 0, 0));
  }

  /** To be called when listeners or threads came or went. */
  measure(): void {
    const allowed = openFilesLimit();
    const open = openDescriptors();
    if (allowed === undefined || open === undefined) return;
    const links = Atomics.load(this.#words, OPEN_LINKS);
    const others = Math.max(0, open - links * PER_LINK);
    Atomics.store(this.#words, MOST_LINKS, Math.max(1, Math.floor((allowed - others - RESERVE) / PER_LINK)));
  }

  get links(): number {
    return Atomics.load(this.#words, MOST_LINKS);
  }
}

function openDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined; // not Linux
  }
}
