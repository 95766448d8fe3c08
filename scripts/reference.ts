/**
 * Writes docs/configuration.md and docs/config.schema.json from the schema. Run it with `npm run docs`, from the
 * project's directory, after a change to a key, a kind or a code.
 */
import { mkdirSync, writeFileSync } from 'node:fs';

import { renderJsonSchema, renderReference } from './reference/render.ts';

mkdirSync('docs', { recursive: true });
writeFileSync('docs/configuration.md', renderReference());
writeFileSync('docs/config.schema.json', renderJsonSchema());
