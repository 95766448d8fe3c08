import { engineContract } from './engine.ts';

engineContract('bytes');
