import type { ConnectionMatch } from '../../core/connection-list.ts';
import type { DatagramEngine } from '../../core/datagrams.ts';
import { SilentAddresses } from '../../core/happy-eyeballs.ts';
import type { Random } from '../../core/random.ts';
import { sharedOffsetMs } from '../../core/shared-clock.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import type { Command, ThreadReport, ServerSpec, ThreadSetup } from '../protocol/messages.ts';
import { QueueDirectory } from '../protocol/queue-directory.ts';
import { ShortageReports } from '../protocol/shortage-reports.ts';
import { ThreadCounters } from '../protocol/thread-counters.ts';
import { ThreadLog } from '../protocol/thread-log.ts';
import { AccessLog } from '../session/access-log.ts';
import { Frontend, type FrontendTools } from '../session/frontend.ts';
import { STEPS } from '../session/steps/steps.ts';
import { ConnectionsNow } from './connections-now.ts';
import { Preparation } from './preparation.ts';
import { closeAll, type ServerListener } from './server-listener.ts';

/** All servers of one data-plane thread. Driven by commands and by its engine; never waits for anything itself. */
export class DataThread {
  readonly #engine: DatagramEngine;
  readonly #report: (report: ThreadReport) => void;
  readonly #tools: FrontendTools;
  readonly #connections: ConnectionsNow;
  /** From this thread's clock to the clock that all threads share. */
  readonly #offsetMs = sharedOffsetMs();
  #servers: ReadonlyMap<number, Frontend> = new Map();
  /** Servers that were here and still have connections; one may be here again, or twice. */
  readonly #retiring = new Map<Frontend, number>();
  #listeners: ReadonlyMap<string, ServerListener> = new Map();
  #prepared: Preparation | undefined;

  constructor(engine: DatagramEngine, random: Random, setup: ThreadSetup, report: (report: ThreadReport) => void) {
    this.#engine = engine;
    this.#report = report;
    const post = (lines: string) => report({ type: 'access', lines });
    this.#tools = {
      engine,
      random,
      log: new ThreadLog(report, () => engine.now(), setup.debug),
      accessLog: new AccessLog(engine, post, setup.accessLog),
      shortages: new ShortageReports(report, engine),
      silent: new SilentAddresses(),
      counters: new ThreadCounters(setup.counters),
      queues: new QueueDirectory(setup.queue),
      report,
      steps: STEPS,
    };
    this.#connections = new ConnectionsNow(setup.number, () => this.#all());
    engine.calls.onCall(() => this.#serve());
  }

  handle(command: Exclude<Command, { type: 'stop' }>): void {
    switch (command.type) {
      case 'prepare':
        return this.#prepare(command.servers);
      case 'commit':
        return this.#commit(command.handedOver);
      case 'rollback':
        return this.#rollback();
      case 'snapshot':
        return this.#apply(command.server, command.snapshot);
      case 'observe':
        this.#tools.log.isDebug = command.debug;
        return this.#tools.accessLog.setFormat(command.accessLog);
      case 'cut':
        return this.#cut(command.server);
      case 'close':
        return this.#everyOf(command.server, (server) => server.close(command.slot));
      case 'serve':
        return this.#serve();
      case 'list':
        return this.#report({
          type: 'listed',
          request: command.request,
          list: { ...this.#connections.list(command.query), at: this.#engine.now() + this.#offsetMs },
        });
      case 'kill':
        return this.#report({ type: 'killed', request: command.request, count: this.#kill(command.which) });
      default:
        return command satisfies never;
    }
  }

  /** Hands on what the access log still holds. */
  flush(): void {
    this.#tools.accessLog.flush();
  }

  #prepare(specs: readonly ServerSpec[]): void {
    const servers = new Map(specs.map((spec) => [spec.id, this.#servers.get(spec.id) ?? this.#frontend(spec)]));
    this.#prepared = new Preparation({ specs, servers, open: this.#listeners, engine: this.#engine }, this.#report);
  }

  /** One that takes the place of others that still drain here shares their queue. */
  #frontend(spec: ServerSpec): Frontend {
    const [before] = this.#retiringOf(spec.id);
    return new Frontend(spec, this.#tools, before?.queue);
  }

  #commit(handedOver: readonly string[]): void {
    const prepared = this.#prepared;
    if (prepared === undefined) return;
    this.#prepared = undefined;
    for (const spec of prepared.specs) {
      if (this.#servers.has(spec.id)) prepared.servers.get(spec.id)?.reconfigure(spec);
    }
    prepared.letIn();
    const gone = [...this.#servers].filter(([id]) => !prepared.servers.has(id));
    const closing = [...this.#listeners.values()].filter(({ bind }) => !prepared.listeners.has(bind));
    this.#listeners = prepared.listeners;
    this.#servers = prepared.servers;
    for (const [id, server] of gone) this.#retiring.set(server, id);
    // Only when the listeners are closed can a server's last connection be told.
    const closed = (): void => {
      for (const [id, server] of gone) server.retire(() => this.#retired(id, server));
      this.#report({ type: 'settled' });
    };
    closeAll(closing, closed, handedOver);
    for (const { id, snapshot } of prepared.specs) this.#apply(id, snapshot);
  }

  #rollback(): void {
    const prepared = this.#prepared;
    if (prepared === undefined) return;
    this.#prepared = undefined;
    const made = [...prepared.servers].filter(([id]) => !this.#servers.has(id));
    prepared.close(() => {
      for (const [, server] of made) server.cut();
      this.#report({ type: 'settled' });
    });
  }

  #retired(id: number, server: Frontend): void {
    this.#retiring.delete(server);
    this.#report({ type: 'retired', server: id });
  }

  #cut(id: number): void {
    for (const server of this.#retiringOf(id)) server.cut();
  }

  #kill(which: ConnectionMatch | number): number {
    if (typeof which !== 'number') return this.#connections.kill(which);
    return this.#connections.killOne(which) ? 1 : 0;
  }

  #retiringOf(id: number): readonly Frontend[] {
    return [...this.#retiring].filter(([, its]) => its === id).map(([server]) => server);
  }

  /** A bind that was just opened may let in clients before it is committed. */
  #all(): ReadonlySet<Frontend> {
    const prepared = this.#prepared?.servers.values() ?? [];
    return new Set([...this.#servers.values(), ...this.#retiring.keys(), ...prepared]);
  }

  /** A place may be free, or a thread have died that others waited behind. */
  #serve(): void {
    for (const server of [...this.#servers.values(), ...this.#retiring.keys()]) server.queue.serve();
  }

  #everyOf(id: number, run: (server: Frontend) => void): void {
    const server = this.#servers.get(id);
    if (server !== undefined) run(server);
    for (const retiring of this.#retiringOf(id)) run(retiring);
  }

  /** Also on retiring servers: a retry of theirs must not elect a backend whose slot was given to another. */
  #apply(id: number, snapshot: Snapshot): void {
    this.#servers.get(id)?.apply(snapshot);
    this.#prepared?.servers.get(id)?.apply(snapshot);
    for (const server of this.#retiringOf(id)) server.apply(snapshot);
    this.#report({ type: 'applied', server: id, version: this.#servers.get(id)?.version ?? snapshot.version });
  }
}
