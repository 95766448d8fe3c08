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
      silent: (...what) => events.silent(...what),
      answersAgain: (server) => {
        events.answersAgain(server);
        resolver.retry();
      },
      changed: () => resolver.refresh(),
    },
    paths,
  );
  const resolver = new Resolver(clock, finder.find);
  return resolver;
}
