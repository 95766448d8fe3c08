/**
 * The TCP services that a bind may name instead of a port (`:http`), after IANA's registry. A table of our own, so that
 * a file means the same on every machine; /etc/services is not asked.
 */
const SERVICES: Readonly<Record<string, number>> = {
  amqp: 5672,
  amqps: 5671,
  domain: 53,
  ftp: 21,
  ftps: 990,
  git: 9418,
  gopher: 70,
  http: 80,
  'http-alt': 8080,
  https: 443,
  imap: 143,
  imap2: 143,
  imap3: 220,
  imaps: 993,
  irc: 194,
  kerberos: 88,
  ldap: 389,
  ldaps: 636,
  mqtt: 1883,
  'ms-sql-s': 1433,
  mysql: 3306,
  nntp: 119,
  ntp: 123,
  pop3: 110,
  pop3s: 995,
  postgresql: 5432,
  redis: 6379,
  rsync: 873,
  rtsp: 554,
  sip: 5060,
  sips: 5061,
  smtp: 25,
  smtps: 465,
  ssh: 22,
  submission: 587,
  submissions: 465,
  telnet: 23,
  'xmpp-client': 5222,
  'xmpp-server': 5269,
};

/** In alphabetical order. */
export const SERVICE_NAMES: readonly string[] = Object.keys(SERVICES);

/** The port of a service, whatever the case of its name. */
export function servicePort(name: string): number | undefined {
  const key = name.toLowerCase();
  return Object.hasOwn(SERVICES, key) ? SERVICES[key] : undefined;
}
