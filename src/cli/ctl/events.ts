import { visible } from '../../config/problem/diagnostic-line.ts';
import { systemClock } from '../../core/clock.ts';
import { changeLine, changeText } from '../../view/change.ts';
import type { Tone } from '../../view/status.ts';
import type { Change } from '../remote/answers.ts';
import { follow } from '../remote/follow.ts';
import type { Format } from '../text/style.ts';
import type { Session } from './session.ts';

/** `tslb ctl events`: recent events and all events from now on, a line each, until Ctrl-C. */
export async function showEvents(session: Session): Promise<void> {
  const { client, options } = session;
  let isLost = false;
  await follow(
    client,
    {
      change: (change, answer) =>
        session.print(options.json === true ? `${JSON.stringify(answer)}\n` : lineOf(session, change)),
      connected: () => {
        if (isLost) session.say(`tslb: connected to ${client.address.text} again\n`);
        isLost = false;
      },
      lost: (reason) => {
        if (!isLost) session.say(`tslb: ${visible(reason.message)}; trying again\n`);
        isLost = true;
      },
    },
    { clock: systemClock, signal: session.stopped() },
  );
}

const FORMATS: Readonly<Record<Tone, Format>> = { good: 'green', warn: 'yellow', bad: 'red', calm: 'cyan' };

function lineOf({ style }: Session, change: Change): string {
  return `${localTime(change.at)} ${style(FORMATS[changeText(change).tone], visible(changeLine(change)))}\n`;
}

/** `2026-11-23 14:35:00`, as the log has it. */
function localTime(at: string): string {
  const time = new Date(at);
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
