import { limitText } from '../view/format.ts';
import type { BackendJson } from '../view/wire.ts';
import { change, pathOf } from './api.ts';
import type { Command } from './command.ts';

interface Place {
  readonly server: string;
  readonly backend: BackendJson;
}

/** What can be done with a backend as it is. */
export function backendCommands(place: Place): readonly Command[] {
  const { state, state_override: isOverride } = place.backend;
  return [
    ...(state === 'enabled' ? [] : [enable(place)]),
    ...(state === 'draining' ? [] : [drain(place)]),
    ...(state === 'disabled' ? [] : [disable(place)]),
    ...(isOverride ? [asListed(place)] : []),
    weightAndLimit(place),
    killAll(place),
    remove(place),
  ];
}

function drain(place: Place): Command {
  return {
    title: 'Drain',
    explains: `${nameOf(place)} gets no new clients. Its ${connectionsText(place)} may finish.`,
    verb: 'Drain',
    run: () => setState(place, 'draining', 'is draining'),
  };
}

function enable(place: Place): Command {
  return {
    title: 'Enable',
    explains: `${nameOf(place)} gets clients again, unless its checks or failures still prevent it.`,
    verb: 'Enable',
    run: () => setState(place, 'enabled', 'is enabled'),
  };
}

function disable(place: Place): Command {
  return {
    title: 'Disable',
    explains: `${nameOf(place)} gets no new clients and is not checked any more. Where on_down says "close", its ${connectionsText(place)} are cut; else they may finish.`,
    verb: 'Disable',
    isHarmful: true,
    run: () => setState(place, 'disabled', 'is disabled'),
  };
}

function asListed(place: Place): Command {
  return {
    title: 'State as listed',
    explains: `The state of ${nameOf(place)} is again what its server's list of backends says.`,
    verb: 'Clear override',
    run: () => setState(place, null, 'has the state that the list says'),
  };
}

function weightAndLimit(place: Place): Command {
  const {
    weight,
    max_connections: limit,
    weight_override: isWeight,
    max_connections_override: isLimit,
  } = place.backend;
  const was = `${nameOf(place)} has weight ${weight}${isWeight ? ' (override)' : ''} and the limit ${limitText(limit)}${isLimit ? ' (override)' : ''}.`;
  return {
    title: 'Weight and limit',
    explains: `${was} What is set here overrides the list until it is cleared, also over a reload. Left empty: as listed.`,
    verb: 'Set',
    fields: [
      { name: 'weight', label: 'Weight', kind: 'number', value: String(weight) },
      { name: 'limit', label: 'Connections at once', kind: 'number', value: String(limit), hint: '0 is no limit' },
    ],
    run: async ({ weight: newWeight = '', limit: newLimit = '' }) => {
      await change('PATCH', pathOfBackend(place), {
        ...(newWeight !== String(weight) && { weight: numberOrNull(newWeight) }),
        ...(newLimit !== String(limit) && { max_connections: numberOrNull(newLimit) }),
      });
      return `${nameOf(place)}: weight ${newWeight || 'as listed'}, limit ${newLimit || 'as listed'}`;
    },
  };
}

function killAll(place: Place): Command {
  return {
    title: 'Kill connections',
    explains: `All connections of ${nameOf(place)} are reset now: ${connectionsText(place)} at the moment.`,
    verb: 'Kill',
    isHarmful: true,
    run: async () => {
      const query = new URLSearchParams({ server: place.server, backend: place.backend.key });
      const { killed } = await change<{ killed: number }>('DELETE', `connections?${query.toString()}`);
      return `${killed} connections of ${nameOf(place)} were reset`;
    },
  };
}

function remove(place: Place): Command {
  return {
    title: 'Remove',
    explains: `${nameOf(place)} is removed from its server until it is added again, even if it is on the list. Its ${connectionsText(place)} may finish.`,
    verb: 'Remove',
    isHarmful: true,
    run: async () => {
      await change('DELETE', pathOfBackend(place));
      return `${nameOf(place)} was removed`;
    },
  };
}

async function setState(place: Place, state: string | null, done: string): Promise<string> {
  await change('PATCH', pathOfBackend(place), { state });
  return `${nameOf(place)} ${done}`;
}

function nameOf({ server, backend }: Place): string {
  return `${backend.key} of ${server}`;
}

function connectionsText({ backend: { active } }: Place): string {
  return active === 1 ? '1 connection' : `${active} connections`;
}

function pathOfBackend({ server, backend }: Place): string {
  return pathOf('servers', server, 'backends', backend.key);
}

function numberOrNull(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}
