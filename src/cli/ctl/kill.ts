import { TslbError } from '../../core/errors.ts';
import { connections, killed } from '../remote/answers.ts';
import { connectionsText } from './change-backend.ts';
import { agreed, type Session } from './session.ts';

/** `tslb ctl kill <id>`, or of all that match. */
export async function kill(session: Session, [id]: readonly string[]): Promise<void> {
  const { server, backend, client, all } = session.options;
  const match = { server, backend, client };
  const named = Object.entries(match).filter(([, value]) => value !== undefined);
  const ways = [id !== undefined, named.length > 0, all === true].filter((isGiven) => isGiven).length;
  if (ways !== 1) {
    const which = 'an ID of "tslb ctl connections"; or --server, --backend and --client; or --all';
    throw new TslbError('TSLB_USAGE', `which connections? Name ${which}`);
  }
  if (id !== undefined) {
    await agreed(session, `This cuts the connection ${id}`);
    return cut(session, `/v1/connections/${encodeURIComponent(id)}`, {});
  }
  const { total } = await session.client.read(connections, '/v1/connections', { query: { ...match, limit: 1 } });
  const which = named.map(([name, value]) => `${name} ${value}`).join(', ') || 'all servers';
  if (total > 0) await agreed(session, `This cuts ${connectionsText(total)} of ${which}`);
  await cut(session, '/v1/connections', all === true ? { all } : match);
}

async function cut(session: Session, path: string, query: Readonly<Record<string, string | boolean | undefined>>) {
  const answer = await session.client.json(path, { method: 'DELETE', query });
  session.show(answer, () => session.line(`${connectionsText(session.client.fit(killed, answer).killed)} cut`));
}
