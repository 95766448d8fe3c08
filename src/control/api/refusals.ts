import { isError, type Diagnostic } from '../../config/problem/diagnostic.ts';
import { ConfigRefused } from '../../config/problem/refused.ts';
import { TslbError } from '../../core/errors.ts';
import { UnreadableBody } from './body.ts';

/** Why a server is not created, and whether that lies in what was sent (400) or in what it asks for (409). */
export interface Refusal {
  readonly status: 400 | 409;
  readonly reason: string;
}

/** @returns undefined for a fault of ours, which is no refusal */
export function refusalOf(thrown: unknown): Refusal | undefined {
  if (thrown instanceof UnreadableBody) return { status: 400, reason: thrown.message };
  if (thrown instanceof ConfigRefused) return refusalOfTable(thrown.diagnostics.filter(isError));
  return thrown instanceof TslbError ? { status: 409, reason: thrown.message } : undefined;
}

/** Wrong types come first, for the others may follow from them. */
function refusalOfTable(errors: readonly Diagnostic[]): Refusal {
  const mistyped = errors.filter(({ code }) => code === 'TSLB_CONFIG_TYPE');
  const others = errors.filter(({ code }) => code !== 'TSLB_CONFIG_TYPE');
  return {
    status: mistyped.length > 0 ? 400 : 409,
    reason: [...mistyped, ...others].map(problemText).join('; '),
  };
}

function problemText({ path, message, expected }: Diagnostic): string {
  const text = path === '' ? message : `${path}: ${message}`;
  return expected === undefined || message.includes(expected) ? text : `${text}, expected ${expected}`;
}
