import type { SenderKind } from './sender.ts';
import { curlSender } from './senders/curl.ts';
import { haproxySenders } from './senders/haproxy.ts';
import { hitchSenders } from './senders/hitch.ts';
import { nginxSender } from './senders/nginx.ts';
import { stunnelSender } from './senders/stunnel.ts';

/** In the order of the table. */
export const SENDERS: readonly SenderKind[] = [
  ...haproxySenders,
  nginxSender,
  ...hitchSenders,
  stunnelSender,
  curlSender,
];
