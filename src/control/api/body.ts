import { parseJson } from '../../config/text/json.ts';
import { asError } from '../../core/errors.ts';
import { firstValue } from './first-value.ts';

/** A body that is not JSON. */
export class UnreadableBody extends Error {
  override readonly name = 'UnreadableBody';
}

/**
 * The first JSON value of a body. Where a key stands twice the last counts, and what is not UTF-8 becomes U+FFFD, as in
 * Go.
 * @throws UnreadableBody
 */
export function readBody(body: unknown): unknown {
  const text = Buffer.isBuffer(body) ? body.toString('utf8') : '';
  const json = firstValueOf(text);
  if (json === '') throw new UnreadableBody('the body is empty');
  try {
    return JSON.parse(json) as unknown;
  } catch {
    throw new UnreadableBody(`the body is not JSON: ${whatIsWrong(json)}`); // V8's words quote the body
  }
}

function firstValueOf(text: string): string {
  try {
    return firstValue(text);
  } catch (thrown) {
    throw new UnreadableBody(`the body cannot be read: ${asError(thrown).message}`);
  }
}

function whatIsWrong(json: string): string {
  const [problem] = parseJson(json).problems;
  if (problem?.index === undefined) return 'it ends too early';
  const before = json.slice(0, problem.index).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}: ${problem.message}`;
}
