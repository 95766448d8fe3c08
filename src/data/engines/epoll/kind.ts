import { defineEngine } from '../common/engine-kind.ts';
import { openSharedListener } from '../linux/shared-listener.ts';
import { eventfdWakers } from '../linux/wakers.ts';
import { createEpollEngine, epollLifeline, whyNoEpoll } from './engine.ts';

/** Linux's own poller, called through koffi. */
export const epoll = defineEngine({
  kind: 'epoll',
  autoRank: 1,
  whyNot: whyNoEpoll,
  create: createEpollEngine,
  wakers: eventfdWakers,
  // What its connections leave behind is little, and what V8 takes for it is not given back.
  youngGenerationMb: 3,
  capabilities: {
    sharesListeners: openSharedListener,
    ownsThread: epollLifeline,
    pausesAccepting: true,
  },
});
