import type { ReceiverKind } from './receiver.ts';
import { apache } from './receivers/apache.ts';
import { dovecot } from './receivers/dovecot.ts';
import { haproxy } from './receivers/haproxy.ts';
import { lighttpd } from './receivers/lighttpd.ts';
import { mariadb } from './receivers/mariadb.ts';
import { nginxHttp, nginxStream } from './receivers/nginx.ts';
import { postfix } from './receivers/postfix.ts';
import { squid } from './receivers/squid.ts';
import { varnish } from './receivers/varnish.ts';

/** In the order of the table. */
export const RECEIVERS: readonly ReceiverKind[] = [
  nginxHttp,
  nginxStream,
  haproxy,
  apache,
  postfix,
  dovecot,
  mariadb,
  varnish,
  lighttpd,
  squid,
];
