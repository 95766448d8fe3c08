import { systemClock } from '../../core/clock.ts';
import { asError, TslbError } from '../../core/errors.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { connections, info } from '../remote/answers.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { follow } from '../remote/follow.ts';
import { backendPath } from '../remote/paths.ts';
import { openRemote, type RemoteOptions } from '../remote/open.ts';
import { hasColour, styleFor } from '../text/style.ts';
import { pressed } from './keys.ts';
import { screenOf } from './screen.ts';
import { type Action, type Effect, initialState, isSameQuery, type TopState } from './state.ts';
import { Terminal } from './terminal.ts';
import { type TopEvent, updated } from './update.ts';

/** The list shows so many connections, and the number of all. */
const CONNECTIONS = 500;

/** `tslb top`: shows a running tslb until it is quit. @throws TslbError */
export async function top(options: RemoteOptions): Promise<ExitCode> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new TslbError('TSLB_USAGE', 'tslb top needs a terminal; "tslb ctl servers" and "tslb ctl backends" do not');
  }
  const client = await openRemote(options, process.env);
  try {
    // A refusal or a missing API is reported before the screen changes.
    const about = await client.read(info, '/v1/info');
    const view = new View(client);
    view.tell({ type: 'info', info: about });
    await view.run();
    return EXIT.ok;
  } finally {
    await client.close();
  }
}

/** The terminal, the state and the API, put together. */
class View {
  readonly #client: ApiClient;
  readonly #terminal: Terminal;
  readonly #style = styleFor(hasColour(process.stdout));
  readonly #ending = new AbortController();
  #state: TopState;
  #isAsking = false;

  constructor(client: ApiClient) {
    this.#client = client;
    this.#terminal = new Terminal(process.stdin, process.stdout, {
      key: (key) => {
        const { state, effect } = pressed(this.#state, key);
        this.#state = state;
        this.#draw();
        if (effect !== undefined) this.#act(effect);
      },
      resized: (size) => this.tell({ type: 'size', size }),
      closed: () => this.#ending.abort(),
    });
    this.#state = initialState(client.address.text, this.#terminal.size);
  }

  /** Until it is quit, by a key or a signal; the terminal is as before then, also after a fault. */
  async run(): Promise<void> {
    const restore = (): void => this.#terminal.leave();
    const quit = (): void => this.#ending.abort();
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    // Also on the way out of an uncaught error.
    process.on('exit', restore);
    process.on('uncaughtExceptionMonitor', restore);
    for (const signal of signals) process.on(signal, quit);
    const suspend = (): void => this.#suspend();
    process.on('SIGTSTP', suspend);
    const tick = systemClock.every(1000, () => this.#draw());
    this.#terminal.enter();
    this.#draw();
    try {
      await this.#follow();
    } finally {
      tick.cancel();
      restore();
      for (const signal of signals) process.off(signal, quit);
      process.off('SIGTSTP', suspend);
      process.off('uncaughtExceptionMonitor', restore);
      process.off('exit', restore);
    }
  }

  tell(event: TopEvent): void {
    this.#state = updated(this.#state, event);
    this.#draw();
  }

  async #follow(): Promise<void> {
    await follow(
      this.#client,
      {
        connected: () => this.#askInfo(),
        snapshot: (snapshot) => {
          this.tell({ type: 'snapshot', snapshot });
          if (this.#state.view === 'connections') this.#askConnections();
        },
        change: (change) => this.tell({ type: 'change', change }),
        lost: (reason) => this.tell({ type: 'api-connection', apiConnection: lostConnection(this.#state, reason) }),
      },
      { clock: systemClock, signal: this.#ending.signal },
    );
  }

  #draw(): void {
    this.#terminal.draw(screenOf(this.#state, systemClock.date(), this.#style));
  }

  #act(effect: Effect): void {
    switch (effect.type) {
      case 'quit':
        return this.#ending.abort();
      case 'suspend':
        return this.#suspend();
      case 'ask-connections':
        return this.#askConnections();
      case 'state':
      case 'kill':
        void this.#attempt(() => this.#do(effect));
    }
  }

  async #do(action: Action): Promise<void> {
    if (action.type === 'kill') {
      await this.#client.json(`/v1/connections/${encodeURIComponent(action.id)}`, { method: 'DELETE' });
      this.tell({ type: 'notice', notice: { text: 'The connection is cut.', isError: false } });
      return;
    }
    const path = backendPath(action.server, action.backend);
    await this.#client.json(path, { method: 'PATCH', body: { state: action.state } });
    const text = `${action.server}/${action.backend} is ${action.state ?? 'as the file says'}.`;
    this.tell({ type: 'notice', notice: { text, isError: false } });
  }

  /** One request at a time, so that the last answer is the newest. */
  #askConnections(): void {
    const { connections: to } = this.#state;
    if (this.#isAsking || to === undefined) return;
    this.#isAsking = true;
    const query = { server: to.server, backend: to.backend, sort: to.sort, limit: CONNECTIONS };
    void this.#attempt(async () => {
      try {
        const answer = await this.#client.read(connections, '/v1/connections', { query });
        this.tell({ type: 'connections', to, answer });
      } finally {
        this.#isAsking = false;
        const { connections: view } = this.#state;
        if (view !== undefined && !isSameQuery(view, to)) this.#askConnections();
      }
    });
  }

  #askInfo(): void {
    void this.#attempt(async () => this.tell({ type: 'info', info: await this.#client.read(info, '/v1/info') }));
  }

  /** A refusal by the API is shown; any other error is a fault of ours and ends the process. */
  async #attempt(ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
    } catch (thrown) {
      if (this.#ending.signal.aborted) return;
      if (!(thrown instanceof TslbError)) throw thrown;
      this.tell({ type: 'notice', notice: { text: asError(thrown).message, isError: true } });
    }
  }

  #suspend(): void {
    this.#terminal.leave();
    process.once('SIGCONT', () => {
      this.#terminal.enter();
      this.tell({ type: 'size', size: this.#terminal.size });
    });
    process.kill(process.pid, 'SIGSTOP');
  }
}

/** Since the first of several attempts that failed. */
function lostConnection({ apiConnection }: TopState, reason: Error): TopState['apiConnection'] {
  return {
    kind: 'lost',
    reason: reason.message,
    since: apiConnection.kind === 'lost' ? apiConnection.since : systemClock.date(),
  };
}
