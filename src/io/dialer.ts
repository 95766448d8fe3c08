import type { Socket } from 'node:net';

import type { IpAddress, ResolvedTarget, SocketAddress } from '../core/address.ts';
import type { Clock } from '../core/clock.ts';
import { asError } from '../core/errors.ts';
import { attemptDelayMs, SilentAddresses } from '../core/happy-eyeballs.ts';
import { shortageOfError } from '../core/shortage.ts';
import { dialFrom, sourcesFor } from './dial.ts';
import { untilAborted } from './until-aborted.ts';

/** One host, reached at any of its addresses. */
export interface Race<Address, Value> {
  /** As they are to be tried; at least one. */
  readonly addresses: readonly Address[];
  /** For all attempts together; 0 where there is no limit. */
  readonly timeoutMs: number;
  /** Ends at an abort, and leaves nothing open then. */
  readonly attempt: (address: Address, signal: AbortSignal) => Promise<Value>;
  /** Of an attempt that succeeded at the same time as another one. */
  readonly discard: (value: Value) => void;
  /** The message of the error at an abort. */
  readonly unfinished: string;
}

/** Where a connection goes, and what is sent there first. */
type Reached = Pick<ResolvedTarget, 'addresses' | 'greeting'>;

/**
 * Reaches hosts that have several addresses, as RFC 8305 has it: the next address is tried after a moment, while the
 * attempts before it go on, or as soon as one has failed; the first success wins. There is one in a process, for it
 * remembers which addresses were silent.
 */
export class Dialer {
  readonly #clock: Clock;
  readonly #silent: SilentAddresses;
  readonly #sources: () => readonly string[];

  constructor(clock: Clock, sources: () => readonly string[] = () => [], silent = new SilentAddresses()) {
    this.#clock = clock;
    this.#sources = sources;
    this.#silent = silent;
  }

  /** One with the same memory that dials from these IP addresses of this host; an empty list leaves it to the system. */
  from(sources: () => readonly string[]): Dialer {
    return new Dialer(this.#clock, sources, this.#silent);
  }

  /** Where a socket for this address is to be bound, without a port; undefined leaves it to the system. */
  sourceFor(address: SocketAddress): string | undefined {
    return sourcesFor(address, this.#sources())[0];
  }

  /** The socket is the caller's to destroy. @throws as `dial`, of the last attempt, or at an abort */
  connect({ addresses, greeting }: Reached, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
    const discard = (socket: Socket): void => void socket.destroy();
    const attempt = async (address: SocketAddress, ended: AbortSignal) => {
      const socket = await dialFrom(this.#sources(), address, ended);
      // Whoever is connected to is greeted, also where another address has won meanwhile.
      if (greeting !== undefined) socket.write(Buffer.from(greeting(ownEnd(socket), address, 'stream')));
      return socket;
    };
    return this.race({ addresses, timeoutMs, attempt, discard, unfinished: 'not connected' }, signal);
  }

  /** @throws the error of the last attempt, or the first for want of something of this host; or at an abort */
  race<Address extends SocketAddress, Value>(race: Race<Address, Value>, signal: AbortSignal): Promise<Value> {
    const { timeoutMs, attempt, discard, unfinished } = race;
    const clock = this.#clock;
    const untried = [...this.#silent.inOrder(race.addresses, clock.now())];
    const endsAt = timeoutMs > 0 ? clock.now() + timeoutMs : 0;
    return untilAborted(signal, unfinished, (resolve, reject) => {
      const open = new Set<{ readonly address: Address; readonly until: number; readonly abort: AbortController }>();
      let isOver = false;
      let want: Error | undefined;
      let next = clock.after(0, () => undefined);
      const begin = (): void => {
        next.cancel();
        const address = untried.shift();
        if (isOver || address === undefined) return;
        const delayMs = attemptDelayMs(endsAt - clock.now(), untried.length + 1);
        const one = { address, until: clock.now() + delayMs, abort: new AbortController() };
        open.add(one);
        void attempt(address, one.abort.signal).then(
          (value) => {
            if (isOver) return discard(value);
            open.delete(one);
            this.#silent.noteAnswer(address);
            resolve(value);
          },
          (thrown: unknown) => {
            if (isOver) return;
            open.delete(one);
            this.#silent.noteAnswer(address);
            const error = asError(thrown);
            if (shortageOfError(error) !== undefined) want ??= error;
            if (untried.length > 0) begin();
            else if (open.size === 0) reject(want ?? error);
          },
        );
        if (untried.length > 0) next = clock.after(delayMs, begin);
      };
      begin();
      return () => {
        isOver = true;
        next.cancel();
        for (const { address, until, abort } of open) {
          if (clock.now() >= until) this.#silent.noteSilent(address, clock.now());
          abort.abort();
        }
      };
    });
  }
}

function ownEnd({ localAddress, localPort }: Socket): IpAddress | undefined {
  return localAddress === undefined ? undefined : { ip: localAddress, port: localPort ?? 0 };
}
