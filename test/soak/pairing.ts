/** Which client a line of the access log belongs to, by place in two lists; absent: nobody's, or nobody's yet. */
export interface Pairing {
  /** By position of the client: position of its line. */
  readonly lineOf: readonly (number | undefined)[];
  /** Positions of lines that belong to none of the clients. */
  readonly strays: readonly number[];
}

/** A thread of the balancer takes the time once a turn, so one that stood still in a turn dates an accept back. */
const EARLIEST_MS = 5000;

/** A balancer that stood still accepts a client no later than this after its connect; costs more than any such delay. */
const LATEST_MS = 20_000;

interface Step {
  readonly cost: number;
  readonly pairs: readonly (readonly [client: number, line: number])[];
}

/**
 * Brings clients that had the same address and port one after the other together with their lines. The kernel gives a
 * port away anew only when it is free, so both have one order. A connection is mostly accepted
 * at once: of all ways to pair them, the one with the shortest delays is right.
 * @param clients when each began to connect, in this order
 * @param lines when each was accepted, in this order
 */
export function pairInOrder(clients: readonly number[], lines: readonly number[]): Pairing {
  // best[line] is the cheapest way to pair the clients so far with the lines before it.
  let best: Step[] = [{ cost: 0, pairs: [] }];
  for (let line = 0; line < lines.length; line++) best.push(left(best[line]!));
  clients.forEach((from, client) => {
    const next = [left(best[0]!)];
    lines.forEach((to, line) => {
      const ways = [left(best[line + 1]!), left(next[line]!)];
      if (isAcceptOf(from, to)) {
        const { cost, pairs } = best[line]!;
        ways.push({ cost: cost + Math.abs(to - from), pairs: [...pairs, [client, line]] });
      }
      next.push(ways.reduce((one, other) => (other.cost < one.cost ? other : one)));
    });
    best = next;
  });
  const { pairs } = best[lines.length]!;
  const lineOf = clients.map((_, client) => pairs.find(([paired]) => paired === client)?.[1]);
  return { lineOf, strays: [...lines.keys()].filter((line) => !lineOf.includes(line)) };
}

/** Whether one that began to connect then may have been accepted then. */
export function isAcceptOf(connectedAt: number, acceptedAt: number): boolean {
  return acceptedAt - connectedAt > -EARLIEST_MS && acceptedAt - connectedAt < LATEST_MS;
}

/** One more has no other half. */
function left({ cost, pairs }: Step): Step {
  return { cost: cost + LATEST_MS, pairs };
}
