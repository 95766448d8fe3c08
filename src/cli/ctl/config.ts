import { serverAnswer } from '../remote/answers.ts';
import { serverPath } from '../remote/paths.ts';
import type { Session } from './session.ts';

/** `tslb ctl config <server>`: gobetween's form of one server, as JSON in either case. */
export async function showConfig(session: Session, [server = '']: readonly string[]): Promise<void> {
  const { config } = await session.client.read(serverAnswer, serverPath(server));
  session.json(config);
}

/** `tslb ctl dump`: the whole configuration in force, as a file. */
export async function showDump(session: Session): Promise<void> {
  const { format, secrets } = session.options;
  const query = { format, ...(secrets === true && { secrets }) };
  const text = await session.client.text('/dump', { query });
  session.print(text.endsWith('\n') ? text : `${text}\n`);
}
