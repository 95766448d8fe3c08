import type { Selection } from '../../core/balancer.ts';
import type { Asked, ServerNameRules, Wanted } from '../../core/server-names.ts';
import type { Candidate, Snapshot } from '../../core/snapshot.ts';
import { NameTable, type Group } from './name-table.ts';

/** The backends that a client may be sent to, by what it has asked for. */
export class Route {
  readonly candidates: readonly Candidate[];
  /** Of the cursors of its own, one for each candidate. */
  readonly firstCursor: number;
  /** How one of them is chosen; made when the first client comes. */
  selection: Selection | undefined;
  #slots: ReadonlySet<number> | undefined;

  constructor(candidates: readonly Candidate[], firstCursor = 0) {
    this.candidates = candidates;
    this.firstCursor = firstCursor;
  }

  has(slot: number): boolean {
    this.#slots ??= new Set(this.candidates.map((candidate) => candidate.slot));
    return this.#slots.has(slot);
  }
}

/** A backend that clients may ask for: one that may be elected, or one that gets no clients now. */
interface Offer extends Wanted {
  readonly candidate?: Candidate;
}

/** The routes of one name, by the protocols of its clients. */
interface NameRoutes {
  readonly byProtocol: ReadonlyMap<string, Route>;
  /** Of those that take any protocol. */
  readonly others: Route | undefined;
}

/**
 * The routes of one snapshot: all backends where the server does not ask for names. Else those of the client's name, and
 * of them those that want the first of its protocols that any wants; the table is made when the first client comes, and
 * what stands for a name when the first client of it comes.
 */
export class Routes {
  readonly all: Route;
  readonly #snapshot: Snapshot;
  readonly #rules: ServerNameRules | undefined;
  /** Groups that the table forgets are forgotten here, too: clients choose the names. */
  readonly #byGroup = new WeakMap<Group<Offer>, NameRoutes>();
  #table: NameTable<Offer> | undefined;
  #wantProtocols: boolean | undefined;

  constructor(snapshot: Snapshot, rules: ServerNameRules | undefined) {
    this.#snapshot = snapshot;
    this.#rules = rules;
    this.all = new Route(snapshot.backends);
  }

  /** @returns undefined when no backend is for such a client, not even one that is down */
  of({ tlsName, alpn }: Asked): Route | undefined {
    if (this.#rules === undefined || tlsName === undefined) return this.all;
    const route = this.#find(tlsName, alpn);
    if (route !== undefined || this.#rules.unexpected === 'reject') return route;
    if (this.#rules.unexpected === 'any') return this.all;
    return tlsName === '' ? undefined : this.#find('', alpn);
  }

  /** Whether any backend asks for protocols. */
  get wantProtocols(): boolean {
    return (this.#wantProtocols ??= this.#offers().some(({ alpn }) => alpn !== undefined));
  }

  #find(name: string, alpn: readonly string[]): Route | undefined {
    this.#table ??= new NameTable(this.#offers(), this.#rules?.matching ?? 'exact');
    const group = this.#table.find(name);
    if (group === undefined) return undefined;
    let routes = this.#byGroup.get(group);
    if (routes === undefined) this.#byGroup.set(group, (routes = routesOf(group, this.all.candidates.length)));
    for (const protocol of alpn) {
      const route = routes.byProtocol.get(protocol);
      if (route !== undefined) return route;
    }
    return routes.others;
  }

  #offers(): readonly Offer[] {
    const { backends, unavailable = [] } = this.#snapshot;
    return [...backends.map((candidate) => ({ ...wantedOf(candidate), candidate })), ...unavailable];
  }
}

function wantedOf({ sni, alpn }: Wanted): Wanted {
  return { ...(sni !== undefined && { sni }), ...(alpn !== undefined && { alpn }) };
}

/** @param before cursors of the route of all */
function routesOf({ items, offset }: Group<Offer>, before: number): NameRoutes {
  const byProtocol = new Map<string, Offer[]>();
  for (const item of items) {
    for (const protocol of item.alpn ?? []) {
      const others = byProtocol.get(protocol);
      if (others === undefined) byProtocol.set(protocol, [item]);
      else others.push(item);
    }
  }
  const route = (offers: readonly Offer[]): Route => {
    const first = items.indexOf(offers[0] as Offer);
    return new Route(
      offers.flatMap(({ candidate }) => (candidate === undefined ? [] : [candidate])),
      before + offset + Math.max(0, first),
    );
  };
  const others = items.filter(({ alpn }) => alpn === undefined);
  return {
    byProtocol: new Map([...byProtocol].map(([protocol, offers]) => [protocol, route(offers)])),
    others: others.length === 0 ? undefined : route(others),
  };
}
