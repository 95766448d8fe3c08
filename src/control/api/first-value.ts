/** Deeper than any configuration, and far from what a recursive reader's stack holds. */
const DEEPEST = 100;

/**
 * The text of the first JSON value of a body, as Go's decoder reads it: what follows is not looked at. Whether it is
 * well formed is for JSON.parse to say; where it has no end, it is the whole text.
 * @throws RangeError when it is nested more than 100 levels deep
 */
export function firstValue(text: string): string {
  const start = text.search(/[^ \t\r\n]/);
  if (start < 0) return '';
  const end = text[start] === '{' || text[start] === '[' ? endOfContainer(text, start) : endOfScalar(text, start);
  return text.slice(start, end);
}

function endOfContainer(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    switch (text[index]) {
      case '"':
        index = endOfString(text, index) - 1;
        break;
      case '{':
      case '[':
        depth += 1;
        if (depth > DEEPEST) throw new RangeError(`it is nested more than ${DEEPEST} levels deep`);
        break;
      case '}':
      case ']':
        depth -= 1;
        if (depth === 0) return index + 1;
        break;
      default:
    }
  }
  return text.length;
}

function endOfScalar(text: string, start: number): number {
  if (text[start] === '"') return endOfString(text, start);
  const length = text.slice(start).search(/[ \t\r\n,:{}[\]"]/);
  return length < 0 ? text.length : start + Math.max(length, 1);
}

/** @returns the index behind the closing quote */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    if (text[index] === '"') return index + 1;
    if (text[index] === '\\') index += 1;
  }
  return text.length;
}
