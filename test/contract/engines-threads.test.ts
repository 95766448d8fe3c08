import { engineContract } from './engine.ts';

engineContract('threads');
