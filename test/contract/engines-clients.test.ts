import { engineContract } from './engine.ts';

engineContract('clients');
