import { isDeepStrictEqual } from 'node:util';

import type { ServerConfig } from '../config/config.ts';

/** What a new list of servers changes of the old one, by name. */
export interface ReloadPlan {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
}

/** Compares two lists of servers. Every name of either stands in exactly one part of the plan. */
export function planReload(before: readonly ServerConfig[], after: readonly ServerConfig[]): ReloadPlan {
  const old = new Map(before.map((server) => [server.name, server]));
  const names = new Set(after.map(({ name }) => name));
  const isKept = ({ name }: ServerConfig) => old.has(name);
  const isSame = (server: ServerConfig) => isDeepStrictEqual(server, old.get(server.name));
  return {
    added: namesOf(after.filter((server) => !isKept(server))),
    changed: namesOf(after.filter((server) => isKept(server) && !isSame(server))),
    removed: namesOf(before.filter(({ name }) => !names.has(name))),
    unchanged: namesOf(after.filter((server) => isKept(server) && isSame(server))),
  };
}

function namesOf(servers: readonly ServerConfig[]): readonly string[] {
  return servers.map(({ name }) => name);
}
