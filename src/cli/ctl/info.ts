import { visible } from '../../config/problem/diagnostic-line.ts';
import { type Info, info as schema } from '../remote/answers.ts';
import { tableText } from '../text/table.ts';
import { ageText, bytesText, countText, durationText, percentText } from '../../view/format.ts';
import type { Session } from './session.ts';

/** `tslb ctl info` */
export async function showInfo(session: Session): Promise<void> {
  const answer = await session.client.json('/v1/info');
  session.show(answer, () => showFacts(session, session.client.fit(schema, answer)));
}

function showFacts(session: Session, info: Info): void {
  const { engine_reason: reason, open_files: files, open_files_limit: limit } = info;
  const lines: readonly (readonly [name: string, value: string | undefined])[] = [
    ['version', info.version],
    ['process', `${info.pid}, for ${ageText(info.uptime_ms)}`],
    ['API', session.client.address.text + (info.login === undefined ? '' : `, as ${info.login}`)],
    ['configuration', info.config_file],
    ['engine', info.engine + (reason === undefined ? '' : `: ${reason}`)],
    ['log level', info.log_level],
    ['processor', `${percentText(info.cpu)} of a core`],
    ['memory', bytesText(info.rss_bytes)],
    ['loop delay', durationText(info.loop_delay_ms)],
    [
      'open files',
      files === undefined ? undefined : countText(files) + (limit === undefined ? '' : ` of ${countText(limit)}`),
    ],
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  for (const [name, value] of lines) {
    if (value !== undefined) session.print(`${session.style('bold', name.padEnd(width))}  ${visible(value)}\n`);
  }
  const threads = info.threads.map(({ number, engine, connections, accepted }) => [
    String(number),
    engine,
    countText(connections),
    countText(accepted),
  ]);
  session.print(`\n${tableText(THREADS, threads, session.style)}`);
}

const THREADS = [
  { title: 'THREAD' },
  { title: 'ENGINE' },
  { title: 'CONNECTIONS', side: 'right' },
  { title: 'ACCEPTED', side: 'right' },
] as const;
