import { type History, history as schema } from '../remote/answers.ts';
import { padded } from '../text/columns.ts';
import { sparkline } from '../text/sparkline.ts';
import { ageText, bytesText, countText, rateText } from '../../view/format.ts';
import { serverPath } from '../remote/paths.ts';
import type { Session } from './session.ts';

const CHART_COLUMNS = 60;

const SERIES = [
  ['active', 'active', countText],
  ['waiting', 'waiting', countText],
  ['connections', 'new/s', rateText],
  ['tx', 'in/s', bytesText],
  ['rx', 'out/s', bytesText],
  ['errors', 'errors/s', rateText],
] as const;

/** `tslb ctl history <server>` */
export async function showHistory(session: Session, [server = '']: readonly string[]): Promise<void> {
  const answer = await session.client.json(`${serverPath(server)}/history`);
  session.show(answer, () => showCharts(session, session.client.fit(schema, answer)));
}

function showCharts(session: Session, history: History): void {
  if (history.active.length === 0) {
    session.line('no history yet');
    return;
  }
  const span = ageText(history.active.length * history.step_ms);
  session.print(`${session.style('bold', `the last ${span}, from left to right`)}\n`);
  for (const [key, title, text] of SERIES) {
    const values = history[key];
    const most = text(Math.max(0, ...values));
    const now = text(values.at(-1) ?? 0);
    const chart = padded(sparkline(values, CHART_COLUMNS), CHART_COLUMNS);
    session.print(`${title.padEnd(8)}  ${session.style('cyan', chart)}  now ${now}, most ${most}\n`);
  }
}
