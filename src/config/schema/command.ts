import * as z from 'zod';

import { type LintRule, withLintRule } from './examine.ts';

/** A program with its arguments, as a text or a list. No shell takes it apart. */
export function command(meta: { readonly examples: readonly unknown[]; readonly gobetween?: string }) {
  const text = z.string().min(1);
  return withLintRule(
    z
      .union([text, z.array(text).min(1).max(100)])
      .transform((written) => (typeof written === 'string' ? [written] : written))
      .meta({
        title: 'text, or list of texts',
        description: 'The program, or a list of the program and its arguments. No shell takes it apart.',
        ...meta,
        examples: [...meta.examples],
      }),
    lintBlanks,
  );
}

function lintBlanks(...[written, report]: Parameters<LintRule>): void {
  if (typeof written !== 'string' || !/\s/.test(written.trim())) return;
  const words = written.trim().split(/\s+/);
  report({
    code: 'TSLB_CONFIG_VALUE',
    severity: 'warning',
    path: [],
    message: 'the whole text, with its blanks, is taken as the name of a program',
    suggestion: `for a program and its arguments write [${words.map((word) => JSON.stringify(word)).join(', ')}]`,
  });
}
