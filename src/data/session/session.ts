import type { Cause } from '../../core/cause.ts';
import type { IpAddress, SocketAddress } from '../../core/address.ts';
import type { ClientAddress, Engine, FailedDial, ProxiedPair } from '../../core/engine.ts';
import type { SilentAddresses } from '../../core/happy-eyeballs.ts';
import type { Asked } from '../../core/server-names.ts';
import type { Candidate } from '../../core/snapshot.ts';
import type { ListItem } from '../../core/unordered-list.ts';
import type { ThreadLedger } from '../../ledger/thread-ledger.ts';
import { NO_TLVS, type ProxyTlvs } from '../../wire/proxy-protocol/tlvs.ts';
import { UNTRACKED, type Clients } from './clients.ts';
import type { HelloMemory } from './hello-memory.ts';
import type { HelloSeen } from './hello-seen.ts';
import type { OutlierDetection } from './outlier-detection.ts';
import type { Picker } from './picker.ts';
import type { SessionRecorder } from './recorder.ts';
import type { ServerSettings } from './settings.ts';
import type { WaitQueue } from './wait-queue.ts';

export const NONE: readonly never[] = [];

/** How far a connection has come; the order counts. */
export const ACCEPTED = 0;
/** It has a place at the server. */
export const ENTERED = 1;
/** All backends are full, or none is up. */
export const WAITING = 2;
/** It has a place at the elected backend, too, which is being dialled. */
export const RESERVED = 3;
export const CONNECTED = 4;

type Stage = typeof ACCEPTED | typeof ENTERED | typeof WAITING | typeof RESERVED | typeof CONNECTED;

/** On to the next step; or wait, until `Session.goOn` is called; or the cause for which the connection is closed. */
export type StepResult = 'next' | 'wait' | Cause;

/** What a client has to pass before a backend is elected for it. One object for all connections. */
export interface Step {
  enter(session: Session): StepResult;
  /** Gives back what `enter` has taken, if anything, when the connection has ended. Of each connection. */
  leave?(session: Session): void;
}

/** Several addresses of one backend that are dialled one beside the other. */
export interface AddressRace {
  connected(to: SocketAddress): void;
  /** @returns the failure of the whole dial; undefined while it goes on */
  failed(failed: FailedDial): FailedDial | undefined;
  /** Dials nothing more. */
  stop(): void;
}

/** What the connections of a server use of it: one frozen object for all of them. */
export interface ServerParts {
  readonly name: string;
  readonly clock: Pick<Engine, 'now' | 'every'>;
  readonly silent: SilentAddresses;
  readonly settings: ServerSettings;
  readonly ledger: ThreadLedger;
  readonly clients: Clients;
  readonly picker: Picker;
  readonly waitQueue: WaitQueue;
  readonly outliers: OutlierDetection;
  readonly recorder: SessionRecorder;
  /** In the order in which a client passes them; they are left in the reverse one. */
  readonly steps: readonly Step[];
  /** To be called last, once for each connection. */
  readonly left: (connection: ListItem) => void;
}

/** What is known of one connection: its steps (steps/) and its way to a backend (attempt.ts) read it and write it. */
export abstract class Session implements Asked {
  readonly server: ServerParts;
  readonly pair: ProxiedPair;
  /** Of no other connection of this thread; those that came later have higher ones. */
  abstract readonly number: number;
  stage: Stage = ACCEPTED;
  /** What rules, limits, stickiness, strategies and the log go by. Read of the pair at the accept. */
  clientAddress: ClientAddress;
  /** That the client asked for, by the word of its PROXY header; '' where that is to be asked of the pair. */
  destination: ClientAddress = '';
  /** What that header told besides addresses. */
  proxyTlvs: ProxyTlvs = NO_TLVS;
  /** The entry of its client, if that is tracked. */
  clientEntry = UNTRACKED;
  /** What its client has sent first, where the server looks at that. */
  hello: HelloSeen | undefined;
  /** Where it came in many pieces: what its backend has not got yet. */
  helloMemory: HelloMemory | undefined;
  /** The backend that was elected last. */
  backend: Candidate | undefined;
  /** Of its addresses, while it is dialled and where it has several. */
  race: AddressRace | undefined;
  /** Source addresses that the address has been dialled from. */
  sourcesTried = 0;
  dialDeadline = 0;
  electedAfter = 0;
  /** Backends whose dial failed, in order. */
  tried: readonly Candidate[] = NONE;
  /** Milliseconds of the engine's clock. Other times count from it in tenths: V8 keeps small integers in place. */
  readonly #acceptedAt: number;

  constructor(server: ServerParts, pair: ProxiedPair) {
    this.server = server;
    this.pair = pair;
    this.clientAddress = pair.clientAddress;
    this.#acceptedAt = server.clock.now();
  }

  get tlsName(): string | undefined {
    return this.hello?.tlsName;
  }

  get alpn(): readonly string[] {
    return this.hello?.alpn ?? NONE;
  }

  /** To be called by a step that has made the connection wait. @param result what it says now */
  abstract goOn(step: Step, result: StepResult): void;

  /** Tenths of milliseconds since the accept. */
  elapsed(): number {
    return Math.round((this.server.clock.now() - this.#acceptedAt) * 10);
  }

  /** Where the backend is dialled from; undefined leaves it to the system. */
  sourceFor(to: SocketAddress): IpAddress | undefined {
    return this.server.settings.sources.of(to);
  }

  /** The elected backend of a connection that has one. */
  elected(): Candidate {
    if (this.backend === undefined) throw new TypeError('the connection has no backend');
    return this.backend;
  }
}
