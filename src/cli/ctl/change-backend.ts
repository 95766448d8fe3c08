import { type Backend, backendAnswer, changedBackendAnswer, dump, serverAnswer } from '../remote/answers.ts';
import { limitText } from '../../view/format.ts';
import { backendPath, serverPath } from '../remote/paths.ts';
import { agreed, type Session } from './session.ts';

interface Change {
  readonly state?: string | null;
  readonly weight?: number | null;
  readonly max_connections?: number | null;
}

/** `tslb ctl enable <server> <backend>` */
export async function enableBackend(session: Session, [server = '', key = '']: readonly string[]): Promise<void> {
  await changed(session, server, key, { state: 'enabled' });
}

/** `tslb ctl disable <server> <backend>` */
export async function disableBackend(session: Session, [server = '', key = '']: readonly string[]): Promise<void> {
  const { backend } = await session.client.read(backendAnswer, backendPath(server, key));
  if (backend.active > 0 && (await cutsWhatIsDisabled(session, server))) {
    await agreed(session, `This cuts the ${connectionsText(backend.active)} of ${server}/${key}`);
  }
  await changed(session, server, key, { state: 'disabled' });
}

/** Whether `on_down` says "close": the server's own, or what it inherits. */
async function cutsWhatIsDisabled({ client }: Session, server: string): Promise<boolean> {
  const { config } = await client.read(serverAnswer, serverPath(server));
  if (config['on_down'] !== undefined) return config['on_down'] === 'close';
  const { defaults } = await client.read(dump, '/dump', { query: { format: 'json' } });
  return defaults?.['on_down'] === 'close';
}

/** `tslb ctl weight <server> <backend> <weight>` */
export async function setWeight(
  session: Session,
  [server = '', key = '', value = '']: readonly string[],
): Promise<void> {
  await changed(session, server, key, { weight: valueOf(value) });
}

/** `tslb ctl limit <server> <backend> <limit>` */
export async function setLimit(
  session: Session,
  [server = '', key = '', value = '']: readonly string[],
): Promise<void> {
  await changed(session, server, key, { max_connections: valueOf(value) });
}

/** `tslb ctl auto <server> <backend>`: everything is again as the list of backends says. */
export async function clearOverrides(session: Session, [server = '', key = '']: readonly string[]): Promise<void> {
  await changed(session, server, key, { state: null, weight: null, max_connections: null });
}

/** Changes a backend, and prints what is in force after that. */
export async function changed(session: Session, server: string, key: string, change: Change): Promise<void> {
  const answer = await session.client.json(backendPath(server, key), { method: 'PATCH', body: change });
  session.show(answer, () => {
    const { backend } = session.client.fit(changedBackendAnswer, answer);
    session.line(
      backend === undefined ? `${server}/${key} is changed, but it is not on the list now` : summary(server, backend),
    );
  });
}

/** `web/10.0.0.1:80 is draining, weight 3, limit 100, 12 connections` */
export function summary(server: string, { key, status, weight, max_connections: limit, active }: Backend): string {
  const limited = limit === 0 ? 'no limit' : `limit ${limitText(limit)}`;
  return `${server}/${key} is ${status}, weight ${weight}, ${limited}, ${connectionsText(active)}`;
}

export function connectionsText(count: number): string {
  return count === 1 ? '1 connection' : `${count} connections`;
}

/** Null clears the override. */
function valueOf(text: string): number | null {
  return text === 'auto' ? null : Number(text);
}
