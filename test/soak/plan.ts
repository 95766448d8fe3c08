import { REAL_HELLOS } from '../helpers/texts/hellos.ts';
import { KIB, MIB } from '../helpers/sockets/payload.ts';
import { between, happens, nthRandom, oneOf } from './chance.ts';
import type { Lead } from './lead.ts';
import { EXCHANGES, type Exchange, type Request } from './request.ts';

const MOST_BYTES = 5 * MIB;
const CHUNKS = [1, 100, 1460, 16 * KIB, 64 * KIB] as const;
/** With small chunks, so many are enough. */
const MOST_CHUNKS = 500;

/** From so many addresses clients come. */
const ADDRESSES = 8;

type Way = 'up' | 'down';

/** What one client does, from its connect to its end. */
export interface Plan {
  readonly index: number;
  /** Where it comes from, if it comes by IPv4. */
  readonly from: string;
  /** Absent: the client connects and finishes without a word. */
  readonly request: Request | undefined;
  readonly lead: Lead;
  /** What it sends after its line. */
  readonly upBytes: number;
  /** A write at a time. */
  readonly chunkBytes: number;
  /** When it sends its end of stream. */
  readonly finishes: 'after sending' | 'after the answer';
  /** Does nothing on one way for a while, after so many bytes of it. */
  readonly stall: { readonly way: Way; readonly at: number; readonly ms: number } | undefined;
  /** Ends before it is over: by a reset, or by closing without reading what comes for a while. */
  readonly cut:
    { readonly by: 'reset' | 'vanish'; readonly way: Way; readonly at: number; readonly ms: number } | undefined;
}

/** The n-th client of a run. */
export function planOf(seed: number, index: number): Plan {
  const random = nthRandom(seed, index);
  const exchange = oneOf(random, EXCHANGES);
  const chunkBytes = oneOf(random, CHUNKS);
  const upBytes = Math.min(size(), chunkBytes * MOST_CHUNKS);
  const downBytes = exchange === 'echo' || exchange === 'upload' ? 0 : size();
  const isSilent = happens(random, 0.05);

  /** 1 byte to 5 MiB, each order of magnitude alike. */
  function size(): number {
    return Math.ceil(MOST_BYTES ** random());
  }

  function place(): { readonly way: Way; readonly at: number } {
    const way = oneOf(random, ['up', 'down'] as const);
    const bytes = way === 'up' || exchange === 'echo' ? upBytes : downBytes;
    return { way, at: happens(random, 0.2) ? 0 : between(random, 0, bytes) };
  }

  return {
    index,
    request: isSilent
      ? undefined
      : {
          exchange,
          upSeed: between(random, 1, 2 ** 31),
          downSeed: between(random, 1, 2 ** 31),
          downBytes,
          deafMs: happens(random, 0.1) ? between(random, 1, 800) : 0,
          takesBytes: between(random, 0, upBytes),
        },
    upBytes: isSilent ? 0 : upBytes,
    chunkBytes,
    finishes: !isSilent && answersUnasked(exchange) && happens(random, 0.5) ? 'after the answer' : 'after sending',
    stall: happens(random, 0.2) ? { ...place(), ms: between(random, 1, 1500) } : undefined,
    cut: happens(random, 0.25)
      ? { ...place(), by: oneOf(random, ['reset', 'vanish'] as const), ms: between(random, 0, 500) }
      : undefined,
    from: `127.0.0.${between(random, 1, ADDRESSES)}`,
    lead: {
      proxyHeader: happens(random, 0.3) ? oneOf(random, ['v1', 'v2'] as const) : undefined,
      hello: happens(random, 0.3) ? oneOf(random, REAL_HELLOS).file : undefined,
    },
  };
}

/** Ends without waiting for the client's end. */
function answersUnasked(exchange: Exchange): boolean {
  return exchange === 'download' || exchange === 'abort';
}
