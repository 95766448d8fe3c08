import { engineContract } from './engine.ts';

engineContract({ kind: 'net', whenFull: 'turns away', skip: [] });
