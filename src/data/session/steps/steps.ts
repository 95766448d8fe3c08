import type { Step } from '../session.ts';
import { access } from './access.ts';
import { clientLimits } from './client-limits.ts';
import { proxyHeader } from './proxy-header.ts';
import { serverLimit } from './server-limit.ts';
import { tlsName } from './tls-name.ts';

/** What every client passes between the accept and the election of a backend, in this order; left in the reverse one. */
export const STEPS: readonly Step[] = [proxyHeader, access, clientLimits, serverLimit, tlsName];
