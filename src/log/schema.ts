import * as z from 'zod';

import { quoted } from '../config/problem/problem.ts';
import { type LintRule, withLintRule } from '../config/schema/examine.ts';
import { caselessWord } from '../config/values/values.ts';
import { LOG_LEVELS, type LogLevel } from './level.ts';
import type { LogFormat } from './log.ts';
import type { LogOutput } from './output.ts';

export interface LoggingConfig {
  readonly level: LogLevel;
  readonly output: LogOutput;
  readonly format: LogFormat;
  /** Absent: no access log. */
  readonly accessLog?: LogOutput;
}

const FORMATS: readonly string[] = ['text', 'json'] satisfies LogFormat[];

/** gobetween takes every text but `json` for text. */
function formatOf(text: string): LogFormat {
  return text === 'json' ? 'json' : 'text';
}

const lintFormat: LintRule = (format, report) => {
  if (typeof format !== 'string' || FORMATS.includes(format)) return;
  report({
    code: 'TSLB_CONFIG_LOG_FORMAT',
    severity: 'warning',
    path: [],
    message: `unknown format ${quoted(format)}; lines are written as text`,
    expected: '"text" or "json"',
  });
};

const keys = z.object({
  level: caselessWord(LOG_LEVELS).prefault('info').meta({
    title: 'word',
    description: 'The least serious messages that are logged. Upper and lower case are the same; `warning` is `warn`.',
  }),
  output: z
    .string()
    .default('stdout')
    .meta({
      title: 'stdout, stderr or path',
      description:
        'Where the log goes: `stdout`, `stderr` or the path of a file, which is created and appended to, and opened' +
        ' again on SIGUSR1.',
    }),
  format: withLintRule(
    z.string().transform(formatOf).prefault('text').meta({
      title: 'word',
      description: '`text` for people, or `json` for one JSON object a line.',
      gobetween: 'Any other value is read as `text`; here with a warning.',
    }),
    lintFormat,
  ),
  access_log: z
    .string()
    .optional()
    .meta({
      title: 'stdout, stderr or path',
      description:
        'Where a line for each finished connection goes: `stdout`, `stderr` or the path of a file. Absent: no' +
        ' access log.',
      gobetween: 'Not in gobetween.',
    }),
});

/** The section `[logging]`. */
export const loggingSchema = keys
  .transform(({ level, output, format, access_log }): LoggingConfig => ({
    level,
    output,
    format,
    ...(access_log !== undefined && { accessLog: access_log }),
  }))
  .prefault({})
  .meta({ description: 'The log of tslb itself and the access log of its connections.' });
