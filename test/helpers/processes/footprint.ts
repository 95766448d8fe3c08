import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What a process holds, as the kernel tells it, on Linux. */
export interface Footprint {
  readonly descriptors: number;
  readonly threads: number;
  /** TCP sockets that listen. */
  readonly listeners: number;
}

export function footprintOf(pid: number): Footprint {
  const open = readdirSync(`/proc/${pid}/fd`);
  const sockets = new Set(open.flatMap((fd) => inodeOf(`/proc/${pid}/fd/${fd}`)));
  return {
    descriptors: open.length,
    threads: readdirSync(`/proc/${pid}/task`).length,
    listeners: listening(pid).filter((inode) => sockets.has(inode)).length,
  };
}

/** @returns nothing for what is no socket, or has just been closed */
function inodeOf(link: string): readonly string[] {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.slice(1) ?? [];
  } catch {
    return [];
  }
}

const LISTEN = '0A';

/** Inodes of the sockets that listen in the process's network, its own and others'. */
function listening(pid: number): readonly string[] {
  const rows = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'latin1').split('\n').slice(1),
  );
  return rows
    .map((row) => row.trim().split(/\s+/))
    .flatMap(([, , , state, , , , , , inode = '']) => (state === LISTEN ? [inode] : []));
}
