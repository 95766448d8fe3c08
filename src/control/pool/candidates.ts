import type { Wanted } from '../../core/server-names.ts';
import type { Candidate } from '../../core/snapshot.ts';
import type { Backend } from './backend.ts';

/** While a backend starts slowly, weights are counted in such parts, so that a part of a weight is a whole number. */
const PARTS = 100;

/** What the pool knows of the backends that get clients. */
export interface Terms {
  /** How much of its weight and limit a backend has: above 0, and 1 for all of it. */
  readonly warmupFactor: (backend: Backend) => number;
  /** Failures that eject a backend; 0 where they do not count. */
  readonly maxFails: (backend: Backend) => number;
}

/** Backends as a snapshot names them, in byte order of their keys. @param electable those that get clients, all resolved */
export function candidatesOf(electable: readonly Backend[], terms: Terms): readonly Candidate[] {
  const parts = electable.some((backend) => terms.warmupFactor(backend) < 1) ? PARTS : 1;
  return electable.map((backend) => candidateOf(backend, terms, parts)).sort(byKey);
}

function candidateOf(backend: Backend, { warmupFactor, maxFails }: Terms, parts: number): Candidate {
  const { slot, serial, key, spec, weight, maxConnections, addresses = [] } = backend;
  return {
    slot,
    serial,
    key,
    addresses,
    weight: portion(weight * parts, warmupFactor(backend)),
    priority: spec.priority,
    maxConnections: portion(maxConnections, warmupFactor(backend)),
    fullMaxConnections: maxConnections,
    maxFails: maxFails(backend),
    ...(spec.sendProxy !== undefined && { sendProxy: spec.sendProxy }),
    ...wantedOf(spec),
  };
}

/** What backends want that get no clients now, each once: a client that asks for it is expected all the same. */
export function wantedByOthers(backends: readonly Backend[]): readonly Wanted[] {
  const wanted = backends.map(({ spec }) => wantedOf(spec));
  return [...new Map(wanted.map((each) => [JSON.stringify(each), each])).values()];
}

function wantedOf({ sni, alpn }: Wanted): Wanted {
  return { ...(sni !== undefined && { sni }), ...(alpn !== undefined && { alpn }) };
}

/** A part of a number, at least 1; of 0, which is nothing or no limit, 0. */
function portion(whole: number, factor: number): number {
  return whole === 0 ? 0 : Math.max(1, Math.floor(whole * factor));
}

/** Byte order, as every thread and node sorts them. */
export function byKey(one: { readonly key: string }, other: { readonly key: string }): number {
  if (one.key === other.key) return 0;
  return one.key < other.key ? -1 : 1;
}
