import { BACKENDS } from './backends.ts';
import type { Family } from './family.ts';
import { GOBETWEEN } from './gobetween.ts';
import { HISTOGRAMS } from './histograms.ts';
import { NAMES } from './names.ts';
import { PROCESS } from './process.ts';
import { SERVERS } from './servers.ts';

/** In the order in which a scrape tells them. docs/metrics.md explains each. */
export const FAMILIES: readonly Family[] = [...PROCESS, ...NAMES, ...SERVERS, ...HISTOGRAMS, ...BACKENDS, ...GOBETWEEN];
