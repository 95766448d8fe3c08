import { type Fault, quoted } from '../../config/problem/problem.ts';

/** What HAProxy writes behind an address about checks, each with its value; here they stand in a table of their own. */
const CHECK_WORDS = /(?:check|(?:inter|rise|fall|fastinter|downinter|port)(?:(?:\s*=\s*|\s+)\d\S*)?)(?=\s|$)/y;

/** Where words about checks that begin at the index end; nothing when none stand there. */
export function endOfCheckWords(line: string, index: number): number | undefined {
  CHECK_WORDS.lastIndex = index;
  return CHECK_WORDS.test(line) ? CHECK_WORDS.lastIndex : undefined;
}

export function checkWordsFault(line: string): Fault {
  return {
    code: 'TSLB_CONFIG_BACKEND_OPTION',
    message: `${quoted(line)} has options of health checks; they belong in the table healthcheck of the server`,
    suggestion: 'move them there: kind, interval, passes, fails, fast_interval and port',
  };
}

const OPTIONS = /\s(weight|max_fails|fail_timeout|max_conns|maxconn)[\s=]+(\d\w*)/g;
const OURS: Readonly<Record<string, string>> = { max_conns: 'max_connections', maxconn: 'max_connections' };

/** A whole line of HAProxy (`server web1 10.0.0.1:80 weight 5 check`) or nginx (`server 10.0.0.1:80 weight=5;`). */
export function foreignLineFault(line: string): Fault | undefined {
  const [first, ...words] = line.replace(/;\s*$/, '').trim().split(/\s+/);
  if (first !== 'server' || words[0] === undefined || words[0].includes('=')) return undefined;
  const target = words.slice(0, 2).find((word) => /:\d+$/.test(word)) ?? 'host:port';
  const options = [...line.matchAll(OPTIONS)].map(([, name = '', value = '']) => `${OURS[name] ?? name}=${value}`);
  const entry = [target, ...options].join(' ');
  const hasChecks = words.some((_, index) => endOfCheckWords(words.slice(index).join(' '), 0) !== undefined);
  const checks = hasChecks ? ', and the options of health checks in the table healthcheck of the server' : '';
  return {
    code: 'TSLB_CONFIG_BACKEND',
    message: `${quoted(line)} is a line of HAProxy or nginx`,
    suggestion: `write ${quoted(entry)}${checks}`,
  };
}
