import type { ConnectionJson } from '../view/wire.ts';
import { change, pathOf } from './api.ts';
import type { Command } from './command.ts';

export function killOne({ id, client, server, backend }: ConnectionJson): Command {
  const whose = backend === undefined ? `at ${server}` : `at ${server}, served by ${backend}`;
  return {
    title: 'Kill the connection',
    explains: `The connection of ${client} ${whose} is reset now.`,
    verb: 'Kill',
    isHarmful: true,
    run: async () => {
      await change('DELETE', pathOf('connections', id));
      return `The connection of ${client} was reset`;
    },
  };
}

export interface Match {
  readonly server: string;
  readonly backend: string;
  readonly client: string;
}

/** @param total the number of connections in the last answer */
export function killMatching(match: Match, total: number): Command {
  const query = queryOf(match);
  const parts = [...query].map(([name, value]) => `${name} ${value}`);
  const whose = parts.length === 0 ? 'of every server' : `of ${parts.join(', ')}`;
  return {
    title: 'Kill connections',
    explains: `All connections ${whose} are reset now: ${total} at the last look.`,
    verb: `Kill ${total}`,
    isHarmful: true,
    run: async () => {
      if (parts.length === 0) query.set('all', 'true');
      const { killed } = await change<{ killed: number }>('DELETE', `connections?${query.toString()}`);
      return `${killed} connections ${whose} were reset`;
    },
  };
}

/** Without empty values. */
export function queryOf(match: Match): URLSearchParams {
  return new URLSearchParams(Object.entries(match).filter(([, value]) => value !== ''));
}
