/** What stands behind the path of the page in a URL. As in HAProxy, the path is a prefix, and words begin with `;`. */
export interface Words {
  /** `other` is one of HAProxy's that we do not have: `;json`, `;json-schema`, `;typed`. */
  readonly format: 'page' | 'csv' | 'other';
  /** `;norefresh`: the page does not load itself again. */
  readonly isStill: boolean;
  /** `;up`: without servers that are down or in maintenance. */
  readonly hidesDown: boolean;
  /** `;no-maint`: without servers in maintenance. */
  readonly hidesMaintenance: boolean;
  /** `;scope=TEXT`: only proxies whose name has it; '' is all. */
  readonly scope: string;
  /** How many folders below that of the page the URL seems to be, for relative addresses. */
  readonly depth: number;
}

const OTHER_FORMATS = [';json', ';typed'];
const SCOPE = /scope=([^;&]*)/;

/** Whether there are words in a URL whose path begins with this one. */
export function hasWords(url: string, uri: string): boolean {
  return url.startsWith(uri) && url.includes(';', uri.length);
}

/** HAProxy's search: a word counts anywhere behind the path, in the query, too, and whatever follows it. */
export function wordsOf(url: string, uri: string): Words {
  const rest = url.slice(uri.length);
  const [path = ''] = rest.split('?', 1);
  const has = (word: string): boolean => rest.includes(word);
  return {
    format: OTHER_FORMATS.some(has) ? 'other' : has(';csv') ? 'csv' : 'page',
    isStill: has(';norefresh'),
    hidesDown: has(';up'),
    hidesMaintenance: has(';no-maint'),
    scope: decoded(SCOPE.exec(rest)?.[1] ?? ''),
    depth: path.split('/').length - 1,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
