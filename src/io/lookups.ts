import { isIP } from 'node:net';

import { asError } from '../core/errors.ts';
import { type Lookup, systemLookup } from './names.ts';
import { untilAborted } from './until-aborted.ts';

/** Names beyond this are forgotten, the oldest first. */
const MOST_REMEMBERED = 10_000;

/**
 * Looks names up for callers that cannot wait long. A lookup of the system cannot be ended, so a caller that gives up
 * leaves it to the next caller. A name that was found before is answered from memory while it is looked up anew: a name
 * server that does not answer is no fault of the host.
 */
export class Lookups {
  readonly #find: Lookup;
  readonly #found = new Map<string, readonly string[]>();
  readonly #open = new Map<string, Promise<readonly string[]>>();

  constructor(find: Lookup = systemLookup) {
    this.#find = find;
  }

  /** @returns at least one address, as they are to be tried @throws the system's error */
  async addresses(host: string, signal: AbortSignal): Promise<readonly string[]> {
    if (isIP(host) !== 0) return [host];
    const answer = this.#ask(host);
    const found = this.#found.get(host);
    if (found === undefined) return untilAnswered(answer, signal);
    // What was found before still counts.
    answer.catch(() => undefined);
    return found;
  }

  #ask(host: string): Promise<readonly string[]> {
    const open = this.#open.get(host);
    if (open !== undefined) return open;
    const answer = this.#look(host).finally(() => this.#open.delete(host));
    this.#open.set(host, answer);
    return answer;
  }

  async #look(host: string): Promise<readonly string[]> {
    const addresses = await this.#find(host);
    if (addresses.length === 0) throw new Error('the name has no address');
    this.#found.delete(host);
    this.#found.set(host, addresses);
    const [oldest] = this.#found.keys();
    if (this.#found.size > MOST_REMEMBERED && oldest !== undefined) this.#found.delete(oldest);
    return addresses;
  }
}

function untilAnswered(answer: Promise<readonly string[]>, signal: AbortSignal): Promise<readonly string[]> {
  return untilAborted(signal, 'name not resolved', (resolve, reject) => {
    answer.then(resolve, (thrown: unknown) => reject(asError(thrown)));
    return () => undefined;
  });
}
