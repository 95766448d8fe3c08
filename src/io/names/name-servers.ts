import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import { type Answer, type Question, RCODE } from './message.ts';
import { NameServer, type NameServerEvents } from './name-server.ts';
import type { ResolvConf } from './resolv-conf.ts';

/** A server that says nothing for so long is not waited for alone: another one, or itself, is asked besides. */
const NEXT_AFTER_MS = 1_000;

/** What the name servers say of one question. @property isRefusal a server answered, and could not tell */
export type Outcome =
  | { readonly type: 'answer'; readonly answer: Answer }
  | { readonly type: 'failed'; readonly reason: string; readonly isRefusal: boolean };

type Failure = Extract<Outcome, { type: 'failed' }>;

/** The name servers of resolv.conf, asked in turn. */
export class NameServers {
  readonly #clock: Clock;
  readonly #conf: ResolvConf;
  readonly #servers: readonly NameServer[];
  #turn = 0;

  constructor(conf: ResolvConf, clock: Clock, events: NameServerEvents) {
    this.#conf = conf;
    this.#clock = clock;
    this.#servers = conf.servers.map((server) => new NameServer(server, clock, events));
  }

  stop(): void {
    for (const server of this.#servers) server.stop();
  }

  /**
   * Asks each server as often as resolv.conf says, the next one as soon as one has failed or was silent for a second,
   * and then, as long as they are silent, now and again until the time for all attempts is up. The first that can tell
   * decides. Never throws.
   * @param wasSilent the last time that the name was asked for
   */
  ask(question: Question, wasSilent: boolean): Promise<Outcome> {
    const { attempts, timeoutMs, isTcp } = this.#conf;
    const servers = this.#inOrder();
    const turns = Array.from({ length: attempts }, () => servers).flat();
    const done = new AbortController();
    return new Promise((resolve) => {
      let failure: Failure | undefined;
      let open = 0;
      let again = 0;
      let next = this.#clock.after(0, () => undefined);
      const end = (outcome: Outcome): void => {
        next.cancel();
        limit.cancel();
        resolve(outcome);
        done.abort();
      };
      const limit = this.#clock.after(timeoutMs * attempts, () => {
        end({ type: 'failed', reason: `no name server answered in ${timeoutMs * attempts} ms`, isRefusal: false });
      });
      const failed = (server: NameServer, reason: Failure): void => {
        failure = reason;
        if (!reason.isRefusal) server.suspect(timeoutMs, reason.reason);
        if (turns.length > 0) ask();
        else if (open === 0) end(failure);
      };
      const ask = (): void => {
        next.cancel();
        const server = turns.shift() ?? servers[again++ % servers.length];
        if (server === undefined) return;
        open += 1;
        const askedAt = this.#clock.now();
        const sent = server.ask(question, { isTcp, wasSilent }, done.signal);
        void sent.then(failureOf, notAsked).then((outcome) => {
          open -= 1;
          if (done.signal.aborted) return;
          if (outcome.type === 'answer') end(outcome);
          else failed(server, outcome);
        });
        next = this.#clock.after(turns.length > 0 ? NEXT_AFTER_MS : timeoutMs / 2, () => {
          if (server.answeredAt < askedAt) server.suspect(timeoutMs);
          ask();
        });
      };
      ask();
    });
  }

  /** Those that answer nothing last. */
  #inOrder(): readonly NameServer[] {
    const first = this.#conf.isRotating ? this.#turn++ % this.#servers.length : 0;
    const turned = [...this.#servers.slice(first), ...this.#servers.slice(0, first)];
    return [...turned.filter(({ isDoubtful }) => !isDoubtful), ...turned.filter(({ isDoubtful }) => isDoubtful)];
  }
}

/** An answer that tells nothing of the name is a failure of the server: the next one may know. */
function failureOf(answer: Answer): Outcome {
  const { rcode, isReferral } = answer;
  if ((rcode === RCODE.none && !isReferral) || rcode === RCODE.nxdomain) return { type: 'answer', answer };
  const reason = isReferral ? 'the name server refers to others' : `the name server answered ${rcodeText(rcode)}`;
  return { type: 'failed', reason, isRefusal: true };
}

function notAsked(thrown: unknown): Outcome {
  return { type: 'failed', reason: asError(thrown).message, isRefusal: false };
}

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

function rcodeText(rcode: number): string {
  return RCODES[rcode] ?? `RCODE ${rcode}`;
}
