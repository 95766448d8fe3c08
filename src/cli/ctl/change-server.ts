import { durationText } from '../../view/format.ts';
import { serverAnswer } from '../remote/answers.ts';
import { connectionsText } from './change-backend.ts';
import { withProgress } from './progress.ts';
import { serverPath } from '../remote/paths.ts';
import { agreed, type Session } from './session.ts';
import { tableOf } from './table-of-file.ts';

/** `tslb ctl add-server <name> <file>` */
export async function addServer(session: Session, [name = '', file = '']: readonly string[]): Promise<void> {
  const { client, options } = session;
  const table = await tableOf(file, name, options.format);
  const answer = await withProgress(`${name} is being opened`, () =>
    client.json(serverPath(name), { method: 'PUT', headers: options.replace === true ? {} : ONLY_NEW, body: table }),
  );
  session.show(answer, () => session.line(`${name} listens at ${addressesOf(session, answer)}`));
}

/** `tslb ctl change-server <name> <file>`: a merge patch, as RFC 7396 has it. */
export async function changeServer(session: Session, [name = '', file = '']: readonly string[]): Promise<void> {
  const { client, options } = session;
  const patch = await tableOf(file, name, options.format);
  const answer = await client.json(serverPath(name), { method: 'PATCH', body: patch });
  session.show(answer, () => session.line(`${name} is changed; it listens at ${addressesOf(session, answer)}`));
}

/** `tslb ctl remove-server <name>` */
export async function removeServer(session: Session, [name = '']: readonly string[]): Promise<void> {
  const { client, options } = session;
  const drainMs = options.drain ?? 0;
  const { server } = await client.read(serverAnswer, serverPath(name));
  if (drainMs === 0 && server.active > 0) {
    await agreed(session, `This cuts the ${connectionsText(server.active)} of ${name}; --drain lets them finish`);
  }
  const text = drainMs === 0 ? `${name} is being removed` : `${name} drains for at most ${durationText(drainMs)}`;
  const answer = await withProgress(text, () =>
    client.json(serverPath(name), {
      method: 'DELETE',
      query: { drain: `${drainMs}ms` },
      timeoutMs: drainMs + ANSWER_MS,
    }),
  );
  session.show(answer, () => session.line(`${name} is removed`));
}

/** Longer than a stop takes after the drain. */
const ANSWER_MS = 60_000;

function addressesOf({ client }: Session, answer: unknown): string {
  return client.fit(serverAnswer, answer).server.addresses.join(', ');
}

/** The API refuses the request when the server exists (RFC 9110, 13.1.2). */
const ONLY_NEW = { 'if-none-match': '*' };
