import { ENGINE_KINDS } from '../../src/data/engines/registry.ts';
import { engineContract } from './engine.ts';

for (const kind of ENGINE_KINDS) engineContract(kind);
