/** One answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number;
  /** By name in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const NO_CHUNKS = '0\r\n\r\n';

/**
 * The answers that came on one connection: with bodies of a stated length, or empty in chunks, as Node's own are.
 * @throws Error for what is no answer, and for one that was cut short
 */
export function wireAnswers(bytes: string): readonly WireAnswer[] {
  const answers: WireAnswer[] = [];
  for (let rest = bytes; rest !== '';) {
    const [head = '', status] = /^HTTP\/1\.1 (\d{3}) [\w -]+\r\n(?:[\w-]+: [^\r\n]*\r\n)*\r\n/.exec(rest) ?? [];
    if (status === undefined) throw new Error(`no answer: ${JSON.stringify(rest.slice(0, 200))}`);
    const headers = new Map(
      [...head.matchAll(/^([\w-]+): (.*)\r$/gm)].map(([, name = '', value = '']) => [name.toLowerCase(), value]),
    );
    const length =
      headers.get('transfer-encoding') === 'chunked' ? NO_CHUNKS.length : Number(headers.get('content-length'));
    const body = rest.slice(head.length, head.length + length);
    if (body.length !== length) throw new Error(`${length} bytes were promised: ${JSON.stringify(body.slice(0, 200))}`);
    answers.push({ status: Number(status), headers, body: body === NO_CHUNKS ? '' : body });
    rest = rest.slice(head.length + length);
  }
  return answers;
}
