import type { Backend, Server } from '../remote/answers.ts';
import { sortedBackends, sortedServers } from './sort.ts';
import type { TopState } from './state.ts';

/** One line of the table: a server, or a backend below its server. */
export interface Row {
  readonly id: string;
  readonly server: Server;
  readonly backend?: Backend;
}

/** The rows that pass the filter, in order. A server whose name matches keeps all its backends. */
export function rowsOf({ snapshot, sort, filter }: Pick<TopState, 'snapshot' | 'sort' | 'filter'>): readonly Row[] {
  const wanted = filter.toLowerCase();
  const matches = (text: string): boolean => text.toLowerCase().includes(wanted);
  return sortedServers(snapshot?.servers ?? [], sort.by, sort.isReversed).flatMap((server) => {
    const isWhole = matches(server.name);
    const backends = sortedBackends(server.backends, sort.by, sort.isReversed)
      .filter((backend) => isWhole || matches(backend.key) || matches(backend.status))
      .map((backend) => ({ id: `${server.name}\0${backend.key}`, server, backend }));
    return isWhole || backends.length > 0 ? [{ id: server.name, server }, ...backends] : [];
  });
}
