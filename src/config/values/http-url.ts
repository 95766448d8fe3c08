import { REDACTED } from '../problem/secret-words.ts';
import type { Fault, Reading } from '../problem/problem.ts';

const EXPECTED = 'an address such as "http://10.0.0.1:8080/backends"';

/** Reads an address of HTTP. It may have a user and a password, so no fault repeats it. */
export function parseHttpUrl(text: string): Reading<URL> {
  if (text === REDACTED) return fault(`"${REDACTED}" stands in the place of a secret`, 'write the address itself');
  if (/[^!-~]/.test(text)) return fault('the address has a blank, or a character that has to be written as %XX');
  if (!/^https?:\/\//i.test(text)) return fault('the address does not begin with http:// or https://');
  if (!URL.canParse(text)) return fault('this is not an address of HTTP');
  const url = new URL(text);
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    return fault('the user or the password has a % that is not followed by two hexadecimal digits');
  }
  return url.port === '0' ? fault('the port is out of range') : { value: url };
}

/** Whether an address of HTTP has a user or a password in it, well formed or not. */
export function hasLogin(text: unknown): boolean {
  return typeof text === 'string' && text.includes('@');
}

function fault(message: string, suggestion?: string): { readonly faults: readonly Fault[] } {
  return { faults: [{ code: 'TSLB_CONFIG_VALUE', message, expected: EXPECTED, ...(suggestion && { suggestion }) }] };
}
