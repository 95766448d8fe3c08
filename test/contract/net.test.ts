import { engineContract } from './engine.ts';

engineContract({ kind: 'net', whenFull: 'turns away', sharesListeners: false, skip: [] });
