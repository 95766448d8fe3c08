import { engineContract } from './engine.ts';

// The net engine's limits follow.
engineContract('limits', ['epoll']);
