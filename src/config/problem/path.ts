/** The way to a value from the root of the file: keys of tables and places in lists. */
export type Path = readonly (string | number)[];

const BARE_KEY = /^[A-Za-z0-9_-]+$/;

/** `servers.web.discovery.static_list[1]`; keys that TOML would quote are quoted. */
export function pathText(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += (text === '' ? '' : '.') + (BARE_KEY.test(part) ? part : JSON.stringify(part));
  }
  return text;
}
