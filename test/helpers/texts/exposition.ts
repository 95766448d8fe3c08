/** A scrape in Prometheus's text format 0.0.4, taken apart. */
export interface Exposition {
  /** By name: what `# TYPE` says of it. */
  readonly types: ReadonlyMap<string, string>;
  readonly helps: ReadonlyMap<string, string>;
  /** By `name{label="value",…}`, labels by name. */
  readonly samples: ReadonlyMap<string, number>;
}

/** @throws Error on a line that the format does not know, or a sample that comes twice */
export function parseExposition(text: string): Exposition {
  const types = new Map<string, string>();
  const helps = new Map<string, string>();
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\w+) (.*)$/.exec(line) ?? [];
    if (kind === 'TYPE') types.set(name, rest);
    else if (kind === 'HELP') helps.set(name, rest);
    else if (line !== '') addSample(samples, line);
  }
  return { types, helps, samples };
}

function addSample(samples: Map<string, number>, line: string): void {
  const [, name, labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`no line of an exposition: ${line}`);
  const sorted = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)",?/g)].map(([, key, text]) => `${key}="${text}"`).sort();
  const key = sorted.length === 0 ? name : `${name}{${sorted.join(',')}}`;
  if (samples.has(key)) throw new Error(`twice: ${key}`);
  samples.set(key, Number(value.replace('Inf', 'Infinity')));
}
