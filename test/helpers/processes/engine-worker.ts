import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import type { Calls, Engine } from '../../../src/core/engine.ts';
import { createEngine, type EngineSetup, type EngineKind } from '../../../src/data/engines/registry.ts';
import { PairDesk, type ListenTarget, type PairOrder, type PairReport } from '../sockets/pair-desk.ts';
import { HOPS_LEFT, RESTING, tokensAt } from './tokens.ts';

/** A thread that runs an engine without policy, and does with it what it is told. */
export interface EngineWorkerSetup {
  readonly kind: EngineKind;
  readonly setup: EngineSetup;
  /** @see tokens.ts */
  readonly tokens: SharedArrayBuffer;
  /** Where it listens, if anywhere. */
  readonly listenOn: ListenTarget | undefined;
}

export type Order = PutOrder | PairOrder;

/** Puts tokens down at a thread, one after the other, and calls it for each. */
interface PutOrder {
  readonly type: 'put';
  readonly at: number;
  readonly tokens: number;
}

export type EngineReport = PairReport;

function main(port: MessagePort): void {
  const { kind, setup, tokens, listenOn } = workerData as EngineWorkerSetup;
  const engine = createEngine(kind, setup);
  const put = passTokens(engine.calls, new Int32Array(tokens));
  const desk = listenOn && new PairDesk(engine, listenOn, (report) => port.postMessage(report));
  run(engine, port, (order) => {
    if (order.type !== 'put') return desk?.obey(order);
    for (let n = 0; n < order.tokens; n++) put(order.at);
  });
}

/** Whenever it is called it passes on what lies there, as long as there are hops left. @returns puts a token down */
function passTokens(calls: Calls, words: Int32Array): (workerIndex: number) => void {
  const workers = words.length - tokensAt(0);
  let isCalling = false;
  const put = (workerIndex: number): void => {
    Atomics.add(words, tokensAt(workerIndex), 1);
    isCalling = true;
    calls.call(workerIndex);
    isCalling = false;
  };
  calls.onCall(() => {
    if (isCalling) throw new Error('answered from within the call');
    for (let n = Atomics.exchange(words, tokensAt(calls.workerIndex), 0); n > 0; n--) {
      const left = Atomics.sub(words, HOPS_LEFT, 1);
      if (left > 0) {
        put(left % workers);
      } else {
        Atomics.add(words, RESTING, 1);
        Atomics.notify(words, RESTING);
      }
    }
  });
  return put;
}

function run({ takeover }: Engine, port: MessagePort, obey: (order: Order) => void): void {
  if (takeover === undefined) {
    port.on('message', obey);
    return;
  }
  takeover.run(() => {
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      obey((next as { readonly message: Order }).message);
    }
  });
}

if (parentPort !== null) main(parentPort);
