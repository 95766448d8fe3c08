import { engineContract } from './engine.ts';

engineContract('limits');
