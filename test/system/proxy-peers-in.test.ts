import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { addressText, type IpAddress } from '../../src/core/address.ts';
import { startHeaderReader } from '../helpers/peers/header-reader.ts';
import { PeerTable } from '../helpers/peers/peer-table.ts';
import type { SenderKind } from '../helpers/peers/sender.ts';
import { SENDERS } from '../helpers/peers/senders.ts';
import { serverToml, startTslb, temporaryFolder, untilFile } from '../helpers/processes/cli.ts';
import { missingTools } from '../helpers/processes/tools.ts';

const ENGINES = ['epoll', 'net'] as const;
/** Clients by the listener of the sender that they come to. */
const CLIENTS = { inet: '127.0.0.7', inet6: '::1', dual: '127.0.0.8' } as const;
const WAYS = ['inet', 'inet6', 'dual'] as const;

const table = new PeerTable('tslb is told', ['IPv4', 'IPv6', 'IPv4 at [::]', 'Log']);

/** The words of a line of the access log. */
type Line = ReadonlyMap<string, string>;

/** The name of a server in the order of SENDERS, and where its sender connects to. */
function serverOf(at: number): { readonly name: string; readonly bind: string } {
  return { name: `sender${at}`, bind: `127.1.0.${at + 1}:0` };
}

/** What the backend was told of a client of each listener; undefined where the sender has no such listener. */
async function answersOf(
  t: TestContext,
  kind: SenderKind,
  target: IpAddress,
): Promise<readonly (string | undefined)[]> {
  const listeners = await kind.start(t, target);
  const answers: (string | undefined)[] = [];
  for (const way of WAYS) {
    const listener = listeners[way];
    answers.push(listener === undefined ? undefined : await kind.ask(listener, CLIENTS[way]));
  }
  return answers;
}

/** `yes` when the backend was told the client's address; the log has it, or the test would still wait. */
function verdict(answer: string | undefined, client: string): string {
  if (answer === undefined) return '-';
  return answer === client ? 'yes' : answer;
}

/** What a line of the log says besides addresses. */
function besides(line: Line | undefined): string {
  return ['authority', 'unique_id']
    .flatMap((name) => (line?.has(name) === true ? [`${name}=${line.get(name)}`] : []))
    .join(' ');
}

function hostOf(address = ''): string {
  return address.replaceAll(/^\[|\]?:\d+$/g, '');
}

/** The line of a client that came by way of a server of tslb. */
function lineOf(log: string, server: string, client: string): Line | undefined {
  const lines = log
    .split('\n')
    .map((line) => new Map([...line.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value])));
  return lines.find((line) => line.get('server') === server && hostOf(line.get('client')) === client);
}

const absent = missingTools(...SENDERS.map(({ program }) => program));

for (const engine of ENGINES) {
  test(`${engine}: tslb takes what senders tell it, logs it and passes it on`, { skip: absent }, async (t) => {
    const backend = await startHeaderReader(t);
    const file = join(temporaryFolder(t), 'access.log');
    const servers = SENDERS.map((_, at) => {
      const { name, bind } = serverOf(at);
      const keys = { bind, engine, accept_proxy: 'require', accept_proxy_from: ['127.0.0.0/8'] };
      return serverToml(name, [`${addressText(backend.address)} send_proxy=v2`], keys);
    });
    const running = await startTslb(t, `[logging]\naccess_log = "${file}"\n${servers.join('')}`);
    const answers = await Promise.all(SENDERS.map((kind, at) => answersOf(t, kind, running.at(serverOf(at).name))));
    const isLogged = (log: string): boolean =>
      SENDERS.every((_, at) =>
        WAYS.every(
          (way, nth) => answers[at]?.[nth] === undefined || lineOf(log, serverOf(at).name, CLIENTS[way]) !== undefined,
        ),
      );
    const log = await untilFile(file, isLogged);
    const rows = SENDERS.map(async (kind, at) => {
      const verdicts = WAYS.map((way, nth) => verdict(answers[at]?.[nth], CLIENTS[way]));
      const line = lineOf(log, serverOf(at).name, CLIENTS.inet);
      return { name: kind.name, version: await kind.version(), verdicts: [...verdicts, besides(line)] };
    });
    table.check(await Promise.all(rows));
  });
}
