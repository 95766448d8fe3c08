import type { DnsFinding } from './families.ts';
import { isQuestionable } from './message.ts';
import type { ResolvConf } from './resolv-conf.ts';

export type AskName = (name: string) => Promise<DnsFinding>;

const ABSENT: DnsFinding = { type: 'absent' };

/**
 * Asks for a name as it is and within the domains of `search`, in glibc's order (res_nsearch in res_query.c): with as
 * many dots as `ndots` first as it is. A server that fails is no end; silence leaves only the name as it is.
 */
export async function search(
  host: string,
  { search: domains, ndots }: Pick<ResolvConf, 'search' | 'ndots'>,
  ask: AskName,
): Promise<DnsFinding> {
  const isAbsolute = host.endsWith('.');
  const name = isAbsolute ? host.slice(0, -1) : host;
  const askFor = (full: string) => (isQuestionable(full) ? ask(full) : Promise.resolve(ABSENT));
  if (isAbsolute) return askFor(name);
  const dots = name.split('.').length - 1;
  const isFirst = dots >= ndots;
  const asIs = isFirst ? await askFor(name) : undefined;
  if (asIs?.type === 'found') return asIs;
  let failure: DnsFinding | undefined;
  for (const domain of domains) {
    if (domain === '' && isFirst) continue;
    const finding = await askFor(domain === '' ? name : `${name}.${domain}`);
    if (finding.type === 'found') return finding;
    if (finding.type === 'absent') continue;
    failure ??= finding;
    if (!finding.isRefusal) break;
  }
  if (asIs !== undefined) return asIs;
  if (domains.includes('')) return failure ?? ABSENT;
  const last = await askFor(name);
  return last.type === 'absent' ? (failure ?? last) : last;
}
