/** Which sources getaddrinfo asks for hosts (nsswitch.conf(5)). */
export interface NameSources {
  /** Those that we ask ourselves, in their order. */
  readonly own: readonly ('files' | 'dns')[];
  /** Whether there are others, such as mdns4, myhostname, resolve or ldap, which only getaddrinfo can ask. */
  readonly hasOthers: boolean;
}

const DEFAULT = 'files dns';

export function parseNsswitch(text: string): NameSources {
  const line = text.split('\n').findLast((each) => /^\s*hosts\s*:/.test(each)) ?? `hosts: ${DEFAULT}`;
  const words = line
    .replace(/#.*/, '')
    .replace(/^\s*hosts\s*:/, '')
    .replaceAll(/\[[^\]]*\]/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');
  const own = words.filter((word) => word === 'files' || word === 'dns');
  return { own: [...new Set(own)], hasOthers: own.length < words.length };
}
