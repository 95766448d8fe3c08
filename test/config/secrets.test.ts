import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { dumpText } from '../../src/app/config/dump.ts';
import { loadConfig, type LoadOptions, readTables } from '../../src/app/config/load.ts';
import { configSchema } from '../../src/app/config/schema.ts';
import { serverForm } from '../../src/app/config/server-form.ts';
import { reportJson, reportText } from '../../src/cli/check-report.ts';
import { diagnosticLine } from '../../src/config/problem/diagnostic-line.ts';
import { secretPaths } from '../../src/config/schema/redact.ts';

/** A password, in parts that are looked for one by one: an answer with a part of it would be one too many. */
const SECRET = 'hunter2-Correct';
const NUMBER = 31_415_926;

/** All that can be said about a file. @returns the codes of what was said */
async function codesOf(text: string, options: LoadOptions = {}): Promise<readonly string[]> {
  const { config, diagnostics } = await loadConfig({ bytes: Buffer.from(text), file: 'secret.toml', ...options });
  const said = [
    reportText(diagnostics),
    reportText(diagnostics, { hasColour: true }),
    reportJson(diagnostics),
    ...diagnostics.map(diagnosticLine),
    ...(config === undefined ? [] : [dumpText(config, 'toml'), dumpText(config, 'json')]),
  ];
  for (const one of said) assertNoSecret(one, text);
  return diagnostics.map(({ code }) => code);
}

function assertNoSecret(said: string, text: string): void {
  for (const part of ['hunter2', 'Correct', String(NUMBER)])
    assert.ok(!said.includes(part), `${part} of ${text} is said: ${said}`);
}

const LOGIN = `[stats]
enabled = true
[stats.basic_auth]
login = "admin"
password = "${SECRET}"
`;

describe('no diagnostic and no dump says a secret', () => {
  const CASES: readonly (readonly [name: string, text: string])[] = [
    ['of a good file', LOGIN],
    ['with a control character', LOGIN.replace(SECRET, `${SECRET}\\u0007`)],
    ['of another type', LOGIN.replace(`"${SECRET}"`, String(NUMBER))],
    ['in a list', LOGIN.replace(`"${SECRET}"`, `["${SECRET}", "x"]`)],
    ['in a table', LOGIN.replace(`"${SECRET}"`, `{ is = "${SECRET}" }`)],
    ['in a date', LOGIN.replace(`"${SECRET}"`, '1979-05-27T07:32:00Z')],
    ['instead of the table', `[stats]\nbasic_auth = "admin:${SECRET}"\n`],
    ['beside what is wrong', `[api]\nbasic_auth = { login = 1, password = "${SECRET}" }\n`],
    ['beside a syntax error', `[api]\nbasic_auth = { password = "${SECRET}", login = }\n`],
    ['in another spelling', LOGIN.replace('password', 'PassWord')],
    ['behind a slip', LOGIN.replace('password', 'pasword')],
    ['behind a slip that hides the word', LOGIN.replace('password', 'pazzword')],
    ['behind an escape', LOGIN.replace('password', '"p\\u0061ssword"')],
    ['behind a dotted key', `stats.basic_auth.password = "${SECRET}"\nstats.basic_auth.login = 1\n`],
    ['of gobetween that is not built', `[servers.a.discovery]\nkind = "consul"\nconsul_acl_token = "${SECRET}"\n`],
    ['of HAProxy', `[stats]\n"stats auth" = "admin:${SECRET}"\n`],
    ['in an unknown table', `[vault]\nAPI_TOKENS = ["${SECRET}"]\n`],
    ['in a misplaced table', `[servers.web.basic_auth]\nlogin = "admin"\npassword = "${SECRET}"\n`],
    ['without its end', LOGIN.replace(`${SECRET}"`, SECRET)],
    ['without quotes', LOGIN.replace(`"${SECRET}"`, SECRET)],
    ['without an equals sign', LOGIN.replace('password =', 'password')],
    ['as YAML', LOGIN.replace('password =', 'password:')],
    ['with a bad escape', LOGIN.replace(SECRET, `${SECRET}\\q`)],
    ['over several lines', LOGIN.replace(`"${SECRET}"`, `"""\n${SECRET}\n${SECRET}\\q"""`)],
    ['over several lines without an end', LOGIN.replace(`"${SECRET}"`, `'''\n${SECRET}\n\u0007${SECRET}`)],
    ['in a text that swallows the file', `logging.level = """\n${LOGIN}"""\n`],
    ['twice', LOGIN + `password = "${SECRET}"\n`],
    ['redacted', LOGIN.replace(SECRET, '[redacted]')],
  ];
  for (const [name, text] of CASES)
    test(name, async () => {
      await codesOf(text);
    });

  const JSON_CASES: readonly (readonly [name: string, text: string])[] = [
    ['of another type', `{ "stats": { "basic_auth": { "login": 1, "password": ${NUMBER} } } }`],
    ['that stands twice', `{ "stats": { "basic_auth": { "password": "${SECRET}", "password": "${SECRET}" } } }`],
    ['in front of a syntax error', `{ "stats": { "basic_auth": { "password": "${SECRET}" "login": 1 } } }`],
    ['with a syntax error', `{ "stats": { "basic_auth": { "password": "${SECRET}\\q" } } }`],
    ['without its end', `{ "stats": { "basic_auth": { "password": "${SECRET} } } }`],
    ['in single quotes', `{ 'stats': { 'basic_auth': { 'password': '${SECRET}' } } }`],
    ['without quotes', `{ stats: { basic_auth: { password: ${SECRET} } } }`],
  ];
  for (const [name, text] of JSON_CASES)
    test(`in JSON ${name}`, async () => {
      await codesOf(text, { format: 'json' });
    });

  test('wherever else a file is damaged', async () => {
    const rest = '[servers.web]\nbind = ":80"\n[servers.web.discovery]\nkind = "static"\nstatic_list = ["a:1"]\n';
    const [before = '', after = ''] = `${LOGIN}${rest}`.split(`password = "${SECRET}"`);
    const damaged = (text: string) =>
      fc.tuple(
        fc.nat(text.length),
        fc.nat(5),
        fc.constantFrom('', '"', "'", '"""', '\n', '[', '=', '\\', '${X}', '\u0000'),
      );
    await fc.assert(
      fc.asyncProperty(damaged(before), damaged(after), async (one, two) => {
        const put = (text: string, [at, count, junk]: typeof one) => text.slice(0, at) + junk + text.slice(at + count);
        await codesOf(`${put(before, one)}password = "${SECRET}"${put(after, two)}`);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what comes from variables', () => {
  const env = { PASSWORD: SECRET, NUMBER: String(NUMBER), BROKEN: `${SECRET}"x`, LINES: `${SECRET}\n\u0007${SECRET}` };
  const withVariable = (name: string) => LOGIN.replace(SECRET, `\${${name}}`);

  test('is not shown, but the name of the variable is', async () => {
    const text = withVariable('PASSWORD').replace('"admin"', '1');
    assert.deepEqual(await codesOf(text, { env }), ['TSLB_CONFIG_TYPE']);
    const { diagnostics } = await loadConfig({ bytes: Buffer.from('x = "${PASSWORD}" y'), file: 'x', env });
    assert.equal(diagnostics[0]?.excerpt?.text, 'x = "${PASSWORD}" y');
  });

  for (const name of ['PASSWORD', 'BROKEN', 'LINES'])
    test(`is not shown in any damage it does: ${name}`, async () => {
      await codesOf(withVariable(name), { env });
      await codesOf(withVariable(name).replace('"admin"', '"a:b"'), { env });
    });

  test('is not shown where it is no text', async () => {
    const text = withVariable('NUMBER').replace('"${NUMBER}"', '${NUMBER}');
    assert.deepEqual(await codesOf(text, { env }), ['TSLB_CONFIG_TYPE']);
  });

  test('keeps places right on other lines and on its own', async () => {
    const text = '[logging]\nlevel = "${LINES_OF}" # ${WIDE} "\noutput = 1\nformat = "${WIDE}", 1\n';
    const { diagnostics } = await loadConfig({
      bytes: Buffer.from(text.replace(', 1', '')),
      file: 'x',
      env: { LINES_OF: 'loud', WIDE: 'xml and more' },
    });
    assert.deepEqual(
      diagnostics.map(({ line, column, path }) => [line, column, path]),
      [
        [2, 9, 'logging.level'],
        [3, 10, 'logging.output'],
        [4, 10, 'logging.format'],
      ],
    );
    const broken = await loadConfig({ bytes: Buffer.from(text), file: 'x', env: { WIDE: 'a\nb\nc' } });
    assert.equal(broken.diagnostics[0]?.line, 2);
  });
});

test('every secret of the schema is found', () => {
  const login = { login: 'a', password: SECRET };
  const tables = { api: { basic_auth: login }, stats: { basic_auth: login } };
  const paths = secretPaths(configSchema, tables).map((path) => path.join('.'));
  assert.deepEqual(paths, ['api.basic_auth.password', 'stats.basic_auth.password']);
});

test('they are there on request', () => {
  const server = { bind: ':1', discovery: { kind: 'static', static_list: ['a:1'] } };
  const login = { login: 'a', password: SECRET };
  const { config } = readTables({ api: { enabled: true, basic_auth: login }, servers: { a: server } });
  assert.ok(config !== undefined);
  assert.ok(dumpText(config, 'toml', { secrets: true }).includes(SECRET));
  assert.equal(config.api?.basicAuth?.password, SECRET);
  assertNoSecret(JSON.stringify(serverForm(config, 'a')), 'a server');
});
