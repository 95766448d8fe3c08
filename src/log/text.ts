import { prettyFactory } from 'pino-pretty';

/** In the line's head already. */
const HEAD_KEYS = new Set(['level', 'time', 'name', 'msg']);

/**
 * A line of gobetween's text format from one of JSON:
 * `2026-01-31 13:05:09 [INFO ] (server): listening address=*:80 note="two words"`, in local time.
 */
export const textLine: (json: string) => string = prettyFactory({
  colorize: false,
  hideObject: true,
  ignore: 'pid,hostname',
  translateTime: 'SYS:yyyy-mm-dd HH:MM:ss',
  customPrettifiers: {
    time: String,
    level: (word) => `[${textOf(word).toUpperCase().slice(0, 5).padEnd(5)}]`,
    name: (name) => escaped(textOf(name)),
  },
  messageFormat: (line) => `${escaped(textOf(line.msg ?? ''))}${fieldsText(line)}`,
});

/** ` key=value key2="two words"`: nested fields as `err.code=…`, lists of words with commas, other lists as JSON. */
function fieldsText(fields: object, prefix = ''): string {
  let text = '';
  for (const [key, value] of Object.entries(fields) as [string, unknown][]) {
    if (value === undefined || (prefix === '' && HEAD_KEYS.has(key))) continue;
    text +=
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? fieldsText(value, `${prefix}${key}.`)
        : ` ${prefix}${escaped(key)}=${valueText(value)}`;
  }
  return text;
}

function valueText(value: unknown): string {
  const text = textOf(value);
  return /^[^\s"=\\\p{C}]+$/u.test(text) ? text : quoted(text);
}

function textOf(value: unknown): string {
  if (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string')) return value.join();
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function quoted(text: string): string {
  return `"${escaped(text.replaceAll(/["\\]/g, '\\$&'))}"`;
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Control and format characters as escapes, so that nothing from outside can end a line, forge another or drive the
 * terminal. U+2028 and U+2029 end lines for some readers.
 */
function escaped(text: string): string {
  return text.replaceAll(/[\p{C}\u2028\u2029]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return (
      SHORT_ESCAPES[char] ?? (code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`)
    );
  });
}
