import { test } from 'node:test';
import { whyNoEngine } from '../../src/data/engines/registry.ts';
import { engineContract } from './engine.ts';

const reason = whyNoEngine('epoll');

if (reason === undefined) engineContract({ kind: 'epoll', whenFull: 'pauses', sharesListeners: true, skip: [] });
else test('engine epoll', { skip: reason }, () => {});
