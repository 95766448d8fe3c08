import { TslbError } from '../../core/errors.ts';
import { backendAnswer } from '../remote/answers.ts';
import { backendPath, serverPath } from '../remote/paths.ts';
import type { Session } from './session.ts';
import { summary } from './change-backend.ts';

/** `tslb ctl add-backend <server> <address>` */
export async function addBackend(session: Session, [server = '', address = '']: readonly string[]): Promise<void> {
  const { weight, priority, maxConnections, state, sni, alpn, sendProxy } = session.options;
  const body = {
    ...targetOf(address),
    ...(weight !== undefined && { weight }),
    ...(priority !== undefined && { priority }),
    ...(maxConnections !== undefined && { max_connections: maxConnections }),
    ...(state !== undefined && { state }),
    ...(sni !== undefined && { sni }),
    ...(alpn !== undefined && { alpn }),
    ...(sendProxy !== undefined && { send_proxy: sendProxy }),
  };
  const answer = await session.client.json(`${serverPath(server)}/backends`, { method: 'POST', body });
  session.show(answer, () =>
    session.line(`added: ${summary(server, session.client.fit(backendAnswer, answer).backend)}`),
  );
}

/** `tslb ctl remove-backend <server> <backend>` */
export async function removeBackend(session: Session, [server = '', key = '']: readonly string[]): Promise<void> {
  const answer = await session.client.json(backendPath(server, key), { method: 'DELETE' });
  session.show(answer, () => session.line(`${server}/${key} gets no more clients; its connections may finish`));
}

/** `host:port`, `[v6]:port` or `unix:/path`, as the API wants it. @throws TslbError TSLB_USAGE */
export function targetOf(address: string): { readonly host: string; readonly port?: number } {
  if (address.startsWith('unix:/')) return { host: address.slice('unix:'.length) };
  const [, inBrackets, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(address) ?? [];
  const host = inBrackets ?? plain;
  if (host !== undefined && port !== undefined) return { host, port: Number(port) };
  throw new TslbError('TSLB_USAGE', `"${address}" is not a backend; write HOST:PORT, [IPv6]:PORT or unix:/PATH`);
}
