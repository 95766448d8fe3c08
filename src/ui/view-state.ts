import { effect, signal } from '@preact/signals';

import type { Order } from '../view/order.ts';
import type { Match } from './connection-commands.ts';

export const VIEWS = ['servers', 'connections', 'changes'] as const;
export type View = (typeof VIEWS)[number];
export type ConnectionOrder = 'age' | 'rx' | 'tx';

/** The view, as the address of the page has it, so that a bookmark keeps it. */
export const view = signal<View>('servers');
export const filter = signal('');
export const isTroubleOnly = signal(false);
export const order = signal<Order | undefined>(undefined);

/** The part of the view that is not in the address. */
export const opened = signal<ReadonlySet<string>>(new Set());
export const connectionMatch = signal<Match>({ server: '', backend: '', client: '' });
export const connectionOrder = signal<ConnectionOrder>('age');

/** Reads the address, now and whenever it changes, and keeps it up to date. */
export function followAddress(): void {
  readAddress();
  addEventListener('hashchange', readAddress);
  effect(() => {
    const hash = `#${view.value}${queryText()}`;
    if (hash !== location.hash && (location.hash !== '' || hash !== '#servers')) history.replaceState(null, '', hash);
  });
}

/** Opens or closes the details of a server. */
export function toggle(server: string): void {
  const names = new Set(opened.value);
  if (!names.delete(server)) names.add(server);
  opened.value = names;
}

export function showConnections(server: string, backend = ''): void {
  connectionMatch.value = { server, backend, client: '' };
  view.value = 'connections';
}

/** Of the view of servers alone. */
function queryText(): string {
  if (view.value !== 'servers') return '';
  const params = new URLSearchParams();
  if (filter.value !== '') params.set('filter', filter.value);
  if (isTroubleOnly.value) params.set('trouble', 'only');
  if (order.value !== undefined) params.set('sort', `${order.value.isDescending ? '-' : ''}${order.value.by}`);
  return params.size > 0 ? `?${params.toString()}` : '';
}

function readAddress(): void {
  const [name, query] = location.hash.slice(1).split('?');
  view.value = VIEWS.find((each) => each === name) ?? 'servers';
  if (query === undefined) return;
  const params = new URLSearchParams(query);
  const sort = params.get('sort') ?? '';
  filter.value = params.get('filter') ?? '';
  isTroubleOnly.value = params.has('trouble');
  order.value = sort === '' ? undefined : { by: sort.replace(/^-/, ''), isDescending: sort.startsWith('-') };
}
