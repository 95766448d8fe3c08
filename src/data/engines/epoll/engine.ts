import type { DatagramEngine } from '../../../core/datagrams.ts';
import { asError } from '../../../core/errors.ts';
import { Descriptors } from '../common/descriptors.ts';
import type { EngineSetup } from '../common/engine-setup.ts';
import type { Lifeline } from '../common/lifeline.ts';
import type { EngineWorker } from '../common/wakers.ts';
import { WorkerShare } from '../common/worker-share.ts';
import { READABLE } from '../linux/event-list.ts';
import { loadLibc, type Libc } from '../linux/libc.ts';
import { Timer } from '../linux/timer-wheel.ts';
import { EventfdWakers } from '../linux/wakers.ts';
import { EpollDatagrams } from './datagrams/sockets.ts';
import { EpollListener } from './listener.ts';
import { Loop } from '../linux/loop.ts';

/** The highest descriptors that are closed after a thread that died; Linux allows a process no more by default. */
const MOST_DESCRIPTORS = 1024 * 1024;

/**
 * Linux's own: a loop over epoll(7) that calls libc through koffi, and splice(2) for bulk. It owns its thread.
 * @throws Error that says why it cannot run here
 */
export function createEpollEngine({ descriptors, worker, fdLedger }: EngineSetup): DatagramEngine {
  if (fdLedger === undefined) throw new TypeError('an epoll engine leaves its descriptors behind without an fdLedger');
  const libc = loadLibc();
  libc.trackIn(new Uint8Array(fdLedger.opened));
  const loop = new Loop(libc);
  const budget = new Descriptors(descriptors);
  const tools = { descriptors: budget, share: new WorkerShare(descriptors) };
  const wakers = new EventfdWakers(libc, worker.wakers);
  let answer = (): void => undefined;
  return {
    kind: 'epoll',
    now: () => loop.now,
    every(ms, run) {
      const timer = new Timer(() => {
        loop.set(timer, loop.now + ms);
        run();
      });
      loop.set(timer, loop.now + ms);
      return { cancel: () => loop.clear(timer) };
    },
    listen({ acceptor, socket }) {
      if (socket === undefined) throw new TypeError('an epoll engine accepts from sockets that the main thread opened');
      return new EpollListener(socket, acceptor, loop, tools);
    },
    datagrams: new EpollDatagrams(loop, budget),
    calls: {
      workerIndex: worker.index,
      call: (called) => wakers.wake(called),
      onCall: (run) => (answer = run),
    },
    takeover: {
      run(woken) {
        const waker = wakers.descriptor(worker.index);
        // One waker for both, so that each wake-up looks after either.
        const awoken = () => {
          libc.drain(waker);
          answer();
          woken();
        };
        if (!loop.watch(waker, READABLE, { happened: awoken })) throw new Error(`epoll_ctl ${libc.errorName()}`);
        loop.run();
      },
      stop: () => loop.stop(),
    },
  };
}

/** What wakes a thread of this engine, and closes what it leaves behind. */
export function epollLifeline(worker: EngineWorker): Lifeline {
  const libc = loadLibc();
  const wakers = new EventfdWakers(libc, worker.wakers);
  const opened = new Uint8Array(new SharedArrayBuffer(MOST_DESCRIPTORS));
  return {
    fdLedger: { opened: opened.buffer },
    wake: () => wakers.wake(worker.index),
    release() {
      for (let fd = opened.indexOf(1); fd >= 0; fd = opened.indexOf(1, fd + 1)) libc.close(fd);
    },
  };
}

/** Asked once: neither the platform nor the kernel changes. */
let whyNot: { readonly reason: string | undefined } | undefined;

/** @returns why the engine cannot run here, undefined when it can */
export function whyNoEpoll(): string | undefined {
  whyNot ??= { reason: reasonAgainst() };
  return whyNot.reason;
}

function reasonAgainst(): string | undefined {
  try {
    takeProbe(loadLibc());
    return undefined;
  } catch (thrown) {
    return asError(thrown).message;
  }
}

/** A sandbox or an old kernel may refuse what the loop needs. @throws Error that says what */
function takeProbe(libc: Libc): void {
  const counter = libc.eventCounter();
  const poller = libc.createPoller();
  const isShared = libc.watchShared(poller, counter, 0);
  const reason = isShared ? '' : libc.errorName();
  for (const fd of [poller, counter]) libc.close(fd);
  if (!isShared) throw new Error(`the kernel does not share a descriptor between pollers: ${reason}`);
}
