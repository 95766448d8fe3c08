import type { Clock } from '../../core/clock.ts';
import { Finder } from './finder.ts';
import type { NameFilePaths } from './name-files.ts';
import type { NameServerEvents } from './name-server.ts';
import { Resolver } from './resolver.ts';

/** Resolves names as the system is set up to; in a process there is one. @param paths absent: those of the system */
export function systemResolver(clock: Clock, events: NameServerEvents, paths?: NameFilePaths): Resolver {
  const finder: Finder = new Finder(
    clock,
    {
      silent: (server, reason) => {
        resolver.counters.silentServers.add(server);
        events.silent(server, reason);
      },
      answersAgain: (server) => {
        resolver.counters.silentServers.delete(server);
        events.answersAgain(server);
        resolver.retry();
      },
      changed: () => {
        // What is silent still will be found out anew.
        resolver.counters.silentServers.clear();
        resolver.refresh();
      },
    },
    paths,
  );
  const resolver = new Resolver(clock, finder.find);
  return resolver;
}
