import { chmodSync } from 'node:fs';
import type { WantedBind } from './placement.ts';

/** Changes the permissions of unix sockets that are open already. One without a mode keeps what it has. */
export function changeModes(current: readonly WantedBind[], wanted: readonly WantedBind[]): void {
  const modes = new Map(current.map(({ bind, address }) => [bind, modeOf(address)]));
  for (const { bind, address } of wanted) {
    const mode = modeOf(address);
    if ('path' in address && mode !== undefined && modes.has(bind) && modes.get(bind) !== mode) {
      setMode(address.path, mode);
    }
  }
}

function modeOf(address: WantedBind['address']): number | undefined {
  return 'path' in address ? address.mode : undefined;
}

function setMode(path: string, mode: number): void {
  try {
    chmodSync(path, mode);
  } catch {
    // The file was removed by someone else: no client gets to this socket any more, whatever its mode.
  }
}
