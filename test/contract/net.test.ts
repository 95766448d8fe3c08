import { engineContract } from './engine.ts';

engineContract({ kind: 'net', skip: [] });
