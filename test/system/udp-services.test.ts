import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertAsPrinted, debianVersion, ENGINES } from '../helpers/peers/matrix.ts';
import { startUdp, tally } from '../helpers/peers/udp-balancer.ts';
import {
  askTime,
  logger,
  radclient,
  type Rsyslog,
  sipCalls,
  snmpget,
  startNtp,
  startRadius,
  startRsyslog,
  startSip,
  startSnmp,
} from '../helpers/peers/udp-services.ts';
import { missingTools } from '../helpers/processes/tools.ts';

/** Debian lets nobody else read the configuration of the one, and start the other. */
const whyNotRoot = process.getuid?.() === 0 ? false : 'wants root';
const HEADING = '## Services over UDP';
const LINES = 200;

/** Sends lines through a port and waits until all have come. @returns how many each receiver has of them */
async function sendLines(port: number, receivers: readonly Rsyslog[], word: string): Promise<string> {
  const lines = Array.from({ length: LINES }, (_, n) => `${word} ${n}`);
  await logger(port, lines.join('\n'));
  const came = () => receivers.map(({ messages }) => messages().filter((line) => line.startsWith(`${word} `)));
  while (came().flat().length < LINES) for (const { program } of receivers) program.assertRuns();
  assert.deepEqual(new Set(came().flat()), new Set(lines));
  return came()
    .map(({ length }) => length)
    .join(' and ');
}

test('every line of logger reaches one of two rsyslogd', { skip: missingTools('rsyslogd', 'logger') }, async (t) => {
  const receivers = [await startRsyslog(t), await startRsyslog(t)];
  const version = await debianVersion('rsyslog');
  for (const engine of ENGINES) {
    const { port } = await startUdp(t, receivers, { engine, udp: { max_requests: 1 } });
    const verdicts = ['`max_requests = 1`', `${LINES} lines from one port`, await sendLines(port, receivers, engine)];
    assertAsPrinted(HEADING, { program: 'logger to rsyslog', version, verdicts });
    const relay = await startRsyslog(t, port);
    const relayed = await sendLines(relay.port, receivers, `${engine}-relayed`);
    const verdict = ['`max_requests = 1`', `${LINES} lines from one port`, relayed];
    assertAsPrinted(HEADING, { program: 'rsyslog (omfwd) to rsyslog', version, verdicts: verdict });
  }
});

test('FreeRADIUS lets every one in', { skip: whyNotRoot || missingTools('freeradius', 'radclient') }, async (t) => {
  const servers = [await startRadius(t, 'one'), await startRadius(t, 'two')];
  const version = await debianVersion('freeradius');
  const modes = [
    ['radclient', 'by session', {}],
    ['radclient, by datagram', '`balance_per = "datagram"`', { balance_per: 'datagram' }],
  ] as const;
  for (const engine of ENGINES) {
    for (const [program, settings, udp] of modes) {
      const { port } = await startUdp(t, servers, { engine, udp });
      const said = await radclient(t, port, 20);
      const accepted = said.match(/Received Access-Accept/g)?.length ?? 0;
      const names = [...said.matchAll(/Reply-Message = "(\w+)"/g)].map(([, name = '']) => name);
      const from = new Set(names).size === 1 ? 'all by one server' : tally(names);
      const verdicts = [settings, '20 requests from one port', `${accepted} accepted; ${from}`];
      assertAsPrinted(HEADING, { program, version, verdicts });
    }
  }
});

test('chronyd is told the time', { skip: whyNotRoot || missingTools('chronyd') }, async (t) => {
  const server = await startNtp(t);
  const version = await debianVersion('chrony');
  for (const engine of ENGINES) {
    const { port } = await startUdp(t, [server], { engine, udp: { max_responses: 1 } });
    const told = /System clock wrong by -?0\.0\d+ seconds/.test(await askTime(t, port)) ? 'the time' : 'nothing';
    assertAsPrinted(HEADING, { program: 'chronyd', version, verdicts: ['`max_responses = 1`', '4 samples', told] });
  }
});

test('snmpget asks two agents in turn', { skip: missingTools('snmpd', 'snmpget') }, async (t) => {
  const agents = [await startSnmp(t, 'one'), await startSnmp(t, 'two')];
  const version = await debianVersion('snmpd');
  for (const engine of ENGINES) {
    const { port } = await startUdp(t, agents, { engine, udp: { max_responses: 1 } });
    const names: string[] = [];
    for (let n = 0; n < 6; n++) names.push(await snmpget(port));
    assertAsPrinted(HEADING, {
      program: 'snmpget',
      version,
      verdicts: ['`max_responses = 1`', '6 questions', tally(names)],
    });
  }
});

test('SIPp calls, and no call fails', { skip: missingTools('sipp') }, async (t) => {
  const servers = [await startSip(t), await startSip(t)];
  const version = await debianVersion('sip-tester');
  for (const engine of ENGINES) {
    const { port } = await startUdp(t, servers, { engine });
    const { successful, failed } = await sipCalls(t, port, 20);
    const verdicts = ['by session', '20 calls from one port', `${successful} went well, ${failed} failed`];
    assertAsPrinted(HEADING, { program: 'SIPp', version, verdicts });
  }
});
