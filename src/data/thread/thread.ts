import { addressText } from '../../core/address.ts';
import type { ConnectionMatch } from '../../core/connection-list.ts';
import type { Engine } from '../../core/engine.ts';
import { errorCode } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import { sharedOffsetMs } from '../../core/shared-clock.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { Census } from '../protocol/census.ts';
import type { Bind, BindFailure, Command, Listening, Report, ServerSpec, ThreadSetup } from '../protocol/messages.ts';
import { QueueDirectory } from '../protocol/queue-directory.ts';
import { ThreadLog } from '../protocol/thread-log.ts';
import { AccessLog } from '../session/access-log.ts';
import { Frontend, type FrontendTools } from '../session/frontend.ts';
import { ConnectionsNow } from './connections-now.ts';
import { Door } from './door.ts';

/** What a `prepare` has got ready, until `commit` or `rollback`. */
interface Prepared {
  readonly specs: readonly ServerSpec[];
  readonly servers: ReadonlyMap<number, Frontend>;
  /** By bind, those that were open already among them. */
  readonly doors: Map<string, Door>;
  /** Sockets of all threads, which this one accepts from once it is committed: until then it has no part in them. */
  readonly shared: { readonly server: Frontend; readonly where: Bind }[];
  readonly failures: BindFailure[];
  readonly listening: Listening[];
  pending: number;
}

/** All servers of one data-plane thread. Driven by commands and by its engine; never waits for anything itself. */
export class DataThread {
  readonly #engine: Engine;
  readonly #report: (report: Report) => void;
  readonly #tools: FrontendTools;
  readonly #connections: ConnectionsNow;
  /** From this thread's clock to the one that all threads share. */
  readonly #offsetMs = sharedOffsetMs();
  #servers: ReadonlyMap<number, Frontend> = new Map();
  /** Servers that were here and still have connections; one may be here again, or twice. */
  readonly #retiring = new Map<Frontend, number>();
  #doors: ReadonlyMap<string, Door> = new Map();
  #prepared: Prepared | undefined;

  constructor(engine: Engine, random: Random, setup: ThreadSetup, report: (report: Report) => void) {
    this.#engine = engine;
    this.#report = report;
    const post = (lines: string) => report({ type: 'access', lines });
    this.#tools = {
      engine,
      random,
      log: new ThreadLog(report, () => engine.now(), setup.debug),
      accessLog: new AccessLog(engine, post, setup.accessLog),
      census: new Census(setup.census),
      queues: new QueueDirectory(setup.queue),
      report,
    };
    this.#connections = new ConnectionsNow(setup.number, () => this.#all());
    engine.calls.onCall(() => this.#serve());
  }

  handle(command: Exclude<Command, { type: 'stop' }>): void {
    switch (command.type) {
      case 'prepare':
        return this.#prepare(command.servers);
      case 'commit':
        return this.#commit();
      case 'rollback':
        return this.#rollback();
      case 'snapshot':
        return this.#follow(command.server, command.snapshot);
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
    const prepared: Prepared = {
      specs,
      servers,
      doors: new Map(),
      shared: [],
      failures: [],
      listening: [],
      pending: 1,
    };
    this.#prepared = prepared;
    for (const spec of specs) {
      for (const bind of spec.binds) this.#openDoor(prepared, spec, bind);
    }
    this.#settlePrepared(prepared);
  }

  /** One that takes the place of others that still drain here shares their queue. */
  #frontend(spec: ServerSpec): Frontend {
    const [before] = this.#retiringOf(spec.id);
    return new Frontend(spec, this.#tools, before?.queue);
  }

  #openDoor(prepared: Prepared, spec: ServerSpec, where: Bind): void {
    const bind = addressText(where.address);
    const server = prepared.servers.get(spec.id);
    if (server === undefined) throw new RangeError(`server ${spec.id} was not prepared`);
    const open = this.#doors.get(bind);
    if (open !== undefined) {
      prepared.doors.set(bind, open);
    } else if (where.socket !== undefined) {
      prepared.shared.push({ server, where });
    } else {
      prepared.pending += 1;
      const door = new Door(where, server, this.#engine, (result) => {
        if ('at' in result) {
          prepared.listening.push({ server: spec.name, bind, address: result.at });
        } else {
          prepared.failures.push(bindFailure(spec.name, bind, result.error));
          prepared.doors.delete(bind);
        }
        this.#settlePrepared(prepared);
      });
      prepared.doors.set(bind, door);
    }
  }

  #settlePrepared(prepared: Prepared): void {
    prepared.pending -= 1;
    if (prepared.pending > 0) return;
    this.#report({ type: 'prepared', failures: prepared.failures, listening: prepared.listening });
  }

  #commit(): void {
    const prepared = this.#prepared;
    if (prepared === undefined) return;
    this.#prepared = undefined;
    for (const spec of prepared.specs) this.#takeOver(prepared, spec);
    for (const { server, where } of prepared.shared) {
      const door = new Door(where, server, this.#engine, () => undefined);
      prepared.doors.set(door.bind, door);
    }
    const gone = [...this.#servers].filter(([id]) => !prepared.servers.has(id));
    const closing = [...this.#doors.values()].filter(({ bind }) => !prepared.doors.has(bind));
    this.#doors = prepared.doors;
    this.#servers = prepared.servers;
    for (const [id, server] of gone) this.#retiring.set(server, id);
    // Only when the doors are closed can a server's last connection be told.
    closeAll(closing, () => {
      for (const [id, server] of gone) server.retire(() => this.#retired(id, server));
      this.#report({ type: 'settled' });
    });
    for (const { id, snapshot } of prepared.specs) this.#follow(id, snapshot);
  }

  #takeOver(prepared: Prepared, spec: ServerSpec): void {
    const server = prepared.servers.get(spec.id);
    if (server === undefined) return;
    if (this.#servers.has(spec.id)) server.reconfigure(spec);
    for (const { address } of spec.binds) {
      const door = prepared.doors.get(addressText(address));
      if (door !== undefined) door.server = server;
    }
  }

  #rollback(): void {
    const prepared = this.#prepared;
    if (prepared === undefined) return;
    this.#prepared = undefined;
    const opened = [...prepared.doors.values()].filter(({ bind }) => !this.#doors.has(bind));
    const made = [...prepared.servers].filter(([id]) => !this.#servers.has(id));
    closeAll(opened, () => {
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

  /** Retiring servers follow too: a retry of theirs must not elect a backend whose slot was given to another. */
  #follow(id: number, snapshot: Snapshot): void {
    this.#servers.get(id)?.follow(snapshot);
    this.#prepared?.servers.get(id)?.follow(snapshot);
    for (const server of this.#retiringOf(id)) server.follow(snapshot);
    this.#report({ type: 'applied', server: id, version: this.#servers.get(id)?.version ?? snapshot.version });
  }
}

function closeAll(doors: readonly Door[], done: () => void): void {
  if (doors.length === 0) return done();
  let open = doors.length;
  for (const door of doors) {
    door.close(() => {
      open -= 1;
      if (open === 0) done();
    });
  }
}

function bindFailure(server: string, bind: string, error: Error): BindFailure {
  return { server, bind, code: errorCode(error), reason: error.message };
}
