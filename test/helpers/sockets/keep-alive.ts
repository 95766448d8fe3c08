import { readdirSync } from 'node:fs';
import { LARGEST_BYTES, portOf } from '../../../src/data/engines/linux/socket-address.ts';
import { libcFunction } from './relayed.ts';

// socket(7), tcp(7).
const KEEP_ALIVE = [1, 9] as const;
const TIMES = [
  [6, 4],
  [6, 5],
  [6, 6],
] as const;

/** How the kernel probes a peer: seconds and a number; undefined when it does not. */
export type Probing = readonly [idle: number, interval: number, count: number] | undefined;

/** Of the socket of this process, in whichever thread, that has these ports. There may be none yet. */
export function probingOf(localPort: number, remotePort: number): Probing {
  const fd = socketWith(localPort, remotePort);
  if (fd === undefined || optionOf(fd, KEEP_ALIVE) === 0) return undefined;
  return TIMES.map((option) => optionOf(fd, option)) as unknown as Probing;
}

const names = ['getsockname', 'getpeername'] as const;

function socketWith(...ports: readonly number[]): number | undefined {
  const calls = names.map((name) => libcFunction(`int ${name}(int, void *, void *)`));
  const address = new Uint8Array(LARGEST_BYTES);
  const length = new Uint8Array(4);
  return readdirSync('/proc/self/fd')
    .map(Number)
    .find((fd) =>
      calls.every((call, index) => {
        new Int32Array(length.buffer)[0] = address.length;
        return call(fd, address, length) === 0 && portOf(address) === ports[index];
      }),
    );
}

function optionOf(fd: number, [level, name]: readonly [number, number]): number {
  const [value, length] = [new Uint8Array(4), new Uint8Array(new Int32Array([4]).buffer)];
  libcFunction('int getsockopt(int, int, int, void *, void *)')(fd, level, name, value, length);
  return new Int32Array(value.buffer)[0] ?? 0;
}
