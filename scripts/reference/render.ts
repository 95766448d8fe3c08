import { configJsonSchema } from '../../src/app/config/json-schema.ts';
import { balancers } from '../../src/balance/registry.ts';
import { notBuiltKeys, notBuiltValues } from '../../src/config/dialects/gobetween.ts';
import { DIAGNOSTIC_CODES } from '../../src/config/problem/diagnostic.ts';
import { alternatives } from '../../src/config/problem/problem.ts';
import { kindsOf } from '../../src/config/schema/kind.ts';
import { SERVICE_NAMES, servicePort } from '../../src/config/values/services.ts';
import { BACKEND_OPTIONS } from '../../src/control/discovery/backend-options.ts';
import { discoveries } from '../../src/control/discovery/registry.ts';
import { healthchecks } from '../../src/control/healthcheck/registry.ts';
import { CAUSES } from '../../src/core/cause.ts';
import { choicesOf, defaultOf, type KeyEntry, type SectionEntry, sections, typeOf } from './keys.ts';
import { code, fenced, page, table } from './markdown.ts';
import {
  ACCESS,
  BACKEND,
  BIND,
  BIND_FORMS,
  DURATIONS,
  FILE,
  HEALTHCHECK,
  INTRODUCTION,
  NOT_BUILT,
  PATTERNS,
} from './prose.ts';

/** The page docs/configuration.md, from the schema and the tables of the source. */
export function renderReference(): string {
  const all = sections();
  const defaults = new Map(all.find(({ name }) => name === 'defaults')?.keys.map((key) => [key.name, key]));
  return page([
    '# Configuration',
    '<!-- Written by scripts/reference.ts from the schema; run `npm run docs` after a change there. -->',
    INTRODUCTION,
    '## The file',
    FILE,
    ...all.flatMap((section) => sectionBlocks(section, defaults)),
    '## Kinds of balance',
    ...balanceBlocks(),
    '## Kinds of discovery',
    ...discoveryBlocks(),
    '## Kinds of healthcheck',
    HEALTHCHECK,
    ...healthcheckBlocks(),
    '## Durations',
    DURATIONS,
    '## Regular expressions',
    PATTERNS,
    '## Binds',
    BIND,
    table(['Text', 'Listens at'], BIND_FORMS),
    'A port is a number from 0 to 65535, or the name of a service. With port 0 the system chooses a free port.',
    `The names of services are ${SERVICE_NAMES.map(serviceText).join(', ')}.`,
    '## Backends',
    BACKEND,
    backendOptionTable(),
    '## Access rules',
    ACCESS,
    '## Not built yet',
    NOT_BUILT,
    ...notBuiltBlocks(),
    '## Diagnostics',
    'The findings of `tslb check`, of a start and of a reload about a file. The code is stable and is the end' +
      ' of the line.',
    table(
      ['Code', 'Meaning'],
      Object.entries(DIAGNOSTIC_CODES).map(([name, meaning]) => [code(name), meaning]),
    ),
    '## How a connection ended',
    'The cause in the access log and the statistics has two letters, as in HAProxy.',
    table(
      ['Cause', 'Meaning'],
      Object.entries(CAUSES).map(([cause, meaning]) => [code(cause), meaning]),
    ),
  ]);
}

/** The file docs/config.schema.json, which `tslb config schema` prints too. */
export function renderJsonSchema(): string {
  return `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`;
}

type Defaults = ReadonlyMap<string, KeyEntry>;

function sectionBlocks(section: SectionEntry, defaults: Defaults): readonly string[] {
  const heading = `## ${code(`[${section.name}]`)}`;
  const isServer = section.name === 'servers.NAME';
  return [
    heading,
    section.description,
    ...section.keys.flatMap((key) => keyBlocks(key, isServer ? defaults : new Map())),
  ];
}

function keyBlocks(key: KeyEntry, defaults: Defaults): readonly string[] {
  const { description = '', gobetween } = key.schema;
  const choices = choicesOf(key);
  const text = choices.length > 1 ? `${description} One of ${choices.join(', ')}.` : description;
  const blocks = [`### ${code(key.name)}`, `_${typeOf(key)}${kindsText(key)}; ${absenceText(key, defaults)}_`, text];
  if (choices.length === 1) blocks.push(`Must be ${choices[0] ?? ''}.`);
  if (typeof gobetween === 'string') blocks.push(`**gobetween:** ${gobetween}`);
  return blocks;
}

function kindsText({ kinds }: KeyEntry): string {
  return kinds === undefined ? '' : `, for kind ${alternatives(kinds)}`;
}

/** What an absent key means. */
function absenceText(key: KeyEntry, defaults: Defaults): string {
  if (key.isRequired) return 'required';
  if (key.requiredBy !== undefined) return `required for kind ${alternatives(key.requiredBy)}`;
  const inherited = defaults.get(key.name);
  if (inherited !== undefined) return `default: that of ${code('[defaults]')}, else ${defaultOf(inherited) ?? 'none'}`;
  const own = defaultOf(key);
  return own === undefined ? 'optional' : `default: ${own}`;
}

function balanceBlocks(): readonly string[] {
  const rows = kindsOf(balancers).map((kind) => [code(kind), balancers[kind].summary]);
  return [
    'The value of `balance`. Every kind uses the backends with the lowest `priority` number, and those of the' +
      ' next number only when none of the lowest can take a connection.',
    table(['Kind', 'Choice'], rows),
    fenced('toml', 'balance = "leastconn"'),
  ];
}

function discoveryBlocks(): readonly string[] {
  return kindsOf(discoveries).flatMap((kind) => [
    `### ${code(kind)}`,
    discoveries[kind].summary,
    ...discoveries[kind].samples.map((sample) => fenced('toml', sample)),
  ]);
}

function healthcheckBlocks(): readonly string[] {
  return kindsOf(healthchecks).flatMap((kind) => [
    `### ${code(kind)}`,
    healthchecks[kind].summary,
    ...healthchecks[kind].samples.map((sample) => fenced('toml', sample)),
  ]);
}

function serviceText(name: string): string {
  return `${code(name)} (${servicePort(name) ?? ''})`;
}

function backendOptionTable(): string {
  const rows = Object.entries(BACKEND_OPTIONS).map(([name, { form, range, absent, meaning }]) => {
    return [code(`${name}=${form}`), range, absent, meaning];
  });
  return table(['Option', 'Values', 'Default', 'Meaning'], rows);
}

function notBuiltBlocks(): readonly string[] {
  const lines: readonly (readonly [of: string, words: readonly string[]])[] = [
    ['Sections of the file', notBuiltKeys('')],
    ['Sections of a server', notBuiltKeys('servers.*')],
    [`Values of ${code('protocol')}`, notBuiltValues('servers.*.protocol')],
    ['Kinds of discovery, with their keys', notBuiltValues('servers.*.discovery.kind')],
  ];
  const left = lines.filter(([, words]) => words.length > 0);
  return [left.map(([of, words]) => `- ${of}: ${list(words)}.`).join('\n')];
}

function list(names: readonly string[]): string {
  return names.map(code).join(', ');
}
