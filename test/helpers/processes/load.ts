import { ab, type AbReport } from '../../../scripts/bench/ab.ts';
import { runTool } from '../../../scripts/bench/tools.ts';

/** A load that goes on until it is told to end, in runs one after the other. */
export class Load<Report> {
  readonly reports: Report[] = [];
  #isWanted = true;
  readonly #done: Promise<void>;

  constructor(run: () => Promise<Report>) {
    this.#done = this.#repeat(run);
    // Heard of at the end.
    this.#done.catch(() => {});
  }

  /** Lets the run of this moment finish. */
  async end(): Promise<readonly Report[]> {
    this.#isWanted = false;
    await this.#done;
    return this.reports;
  }

  async #repeat(run: () => Promise<Report>): Promise<void> {
    while (this.#isWanted) this.reports.push(await run());
  }
}

/** A new connection for each request. */
export function abLoad(url: string, clients: number, requests: number): Load<AbReport> {
  return new Load(() => ab(['-n', String(requests), '-c', String(clients), url]));
}

export interface WrkReport {
  readonly requests: number;
  /** What wrk says went wrong; empty is nothing. */
  readonly errors: string;
}

/** Connections that are kept for as long as a run lasts. */
export function wrkLoad(url: string, clients: number, seconds: number): Load<WrkReport> {
  return new Load(async () => {
    const output = await runTool('wrk', ['-t', '1', '-c', String(clients), '-d', `${seconds}s`, url]);
    const errors = [...output.matchAll(/^\s*(Socket errors|Non-2xx or 3xx responses):.*$/gm)].map(([line]) =>
      line.trim(),
    );
    return { requests: Number(/(\d+) requests in/.exec(output)?.[1] ?? 0), errors: errors.join('; ') };
  });
}
