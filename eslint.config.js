import { builtinModules } from 'node:module';

import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const TESTS = ['test/**/*.ts', '**/*.test.ts'];

/** What holds everywhere. Each list is repeated whole where a folder adds to it: a rule's options replace, not merge. */
const IMPORTS = {
  paths: builtinModules
    .filter((name) => !name.startsWith('_'))
    .map((name) => ({ name, message: `Write node:${name}: one look tells Node's modules from packages.` })),
  patterns: [
    {
      regex: String.raw`^\.\.?/(?!.*\.tsx?$)`,
      message: 'Import our own files by their real name, with .ts: tsc rewrites it.',
    },
  ],
};
const TIMER_IMPORTS = ['node:timers', 'node:timers/promises'].map((name) => ({
  name,
  message: 'Take time from a Clock (src/core/clock.ts) that is handed in: tests move it.',
}));
const SYNTAX = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name: the same thing has the same name everywhere.' },
];
const EXIT = {
  object: 'process',
  property: 'exit',
  message: 'Only src/cli ends the process. Throw, or set process.exitCode in a script.',
};
const TIMERS = ['setTimeout', 'setInterval', 'setImmediate'].map((name) => ({
  name,
  message: 'Take time from a Clock (src/core/clock.ts) that is handed in: tests move it.',
}));

/** Of src/data, but on the main thread, and the thread's start-up before its engine runs. */
const MAY_WAIT = [
  'src/data/plane/**',
  'src/data/thread/entry.ts',
  'src/data/thread/worker.ts',
  'src/data/engines/net/**',
];

const ENGINE_THREAD =
  "An engine may own its thread and never return to Node's event loop: there no promise settles and no timer fires." +
  ' Be called back by the engine; leave what waits to the control plane.';
const WAITING_SYNTAX = [
  'AwaitExpression',
  ':function[async=true]',
  'ForOfStatement[await=true]',
  'Identifier[name="Promise"]',
].map((selector) => ({ selector, message: ENGINE_THREAD }));
const WAITING_GLOBALS = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'].map((name) => ({
  name,
  message: `${ENGINE_THREAD} Timers are Engine.every.`,
}));

export default defineConfig(
  globalIgnores(['dist/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-restricted-imports': ['error', { ...IMPORTS, paths: [...IMPORTS.paths, ...TIMER_IMPORTS] }],
      'no-restricted-syntax': ['error', ...SYNTAX],
      'no-restricted-properties': ['error', EXIT],
      'no-restricted-globals': ['error', ...TIMERS],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Both `!` and `as` are said on purpose; `async` alone makes a throw a rejection, as a contract asks.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'suite', 'describe', 'it', 'before', 'after'] },
          ],
        },
      ],
    },
  },
  { files: ['src/core/clock.ts'], rules: { 'no-restricted-globals': 'off' } },
  // Browsers have no clock but their own.
  { files: ['src/ui/**'], rules: { 'no-restricted-globals': 'off' } },
  { files: ['src/cli/**'], rules: { 'no-restricted-properties': 'off' } },
  {
    // An index into a typed array that is in range by construction; a check would cost the data path.
    files: ['src/{balance,data,ledger}/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['src/data/**'],
    ignores: MAY_WAIT,
    rules: {
      'no-restricted-syntax': ['error', ...SYNTAX, ...WAITING_SYNTAX],
      'no-restricted-globals': ['error', ...WAITING_GLOBALS],
      'no-restricted-properties': ['error', EXIT, { object: 'process', property: 'nextTick', message: ENGINE_THREAD }],
    },
  },
  {
    // Tests wait for real sockets and processes, and know what they have put in.
    files: TESTS,
    rules: {
      'no-restricted-globals': 'off',
      'no-restricted-imports': ['error', IMPORTS],
      'no-restricted-syntax': ['error', ...SYNTAX],
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
