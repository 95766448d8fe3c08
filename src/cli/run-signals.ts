/** What the signals of a running balancer do. */
export interface SignalActions {
  reload(): void;
  reopenLogs(): void;
  /** A second signal to stop came. */
  cut(): void;
}

/**
 * The signals of one run. They are taken from the moment this is made, before a pid file names the process;
 * signals that come before there is a handler are kept for it.
 */
export class RunSignals {
  /** Resolves at the first SIGTERM or SIGINT. */
  readonly stop: Promise<void>;
  #actions: SignalActions | undefined;
  #isReloadWanted = false;
  #stops = 0;

  constructor() {
    this.stop = new Promise((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#stopped(resolve));
    });
    process.on('SIGHUP', () => this.#reload());
    process.on('SIGUSR1', () => this.#actions?.reopenLogs());
  }

  serve(actions: SignalActions): void {
    this.#actions = actions;
    if (this.#isReloadWanted) actions.reload();
    if (this.#stops > 1) actions.cut();
  }

  #stopped(resolve: () => void): void {
    this.#stops += 1;
    resolve();
    if (this.#stops > 1) this.#actions?.cut();
  }

  #reload(): void {
    if (this.#actions === undefined) this.#isReloadWanted = true;
    else this.#actions.reload();
  }
}
