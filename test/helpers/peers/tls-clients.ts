import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { connect } from 'node:tls';

import { launchChromium } from '../../../scripts/chromium.ts';
import { temporaryFile, temporaryFolder } from '../processes/cli.ts';
import { PROGRAMS, runProgram, type RunOptions } from './run-program.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n';

export interface Visit {
  /** On 127.0.0.1. */
  readonly port: number;
  /** In server_name as it stands here; '' where the client shall send none. */
  readonly name: string;
  /** One after the other, with the tickets of the one before. */
  readonly visits?: number;
  readonly alpn?: readonly string[];
}

/** What the pages of its visits were, and what it printed where there was none. */
export interface Visited {
  readonly pages: readonly string[];
  readonly said: string;
}

export interface TlsClient {
  /** Whether `alpn` of a visit is what it offers; else it always offers the same, h2 before http/1.1, or nothing. */
  readonly alpn: 'given' | 'both' | 'none';
  /** Connections that it opens at most for a name that nobody has; 1 where not said. */
  readonly mostConnections?: number;
  /** Whether it can be given a name with a dot at its end. */
  readonly takesDot: boolean;
  version(): Promise<string>;
  visit(visit: Visit): Promise<Visited>;
}

const PAGE = /served by .*/g;

async function visited(name: string, args: readonly string[], options: RunOptions = {}): Promise<Visited> {
  const { all } = await runProgram(name, args, { timeoutMs: 20_000, ...options });
  return { pages: (all.match(PAGE) ?? []).map((page) => page.trim()), said: all };
}

async function firstLine(name: string, args: readonly string[], pattern = /^.*$/m): Promise<string> {
  const { all } = await runProgram(name, args);
  return (pattern.exec(all)?.[0] ?? '').trim();
}

const alpnText = (alpn: readonly string[] = []): string => alpn.join(',');

function openssl(t: TestContext): TlsClient {
  const folder = temporaryFolder(t);
  let tickets = 0;
  return {
    alpn: 'given',
    takesDot: true,
    version: () => firstLine('openssl', ['version'], /OpenSSL [\d.a-z]+/),
    async visit({ port, name, visits = 1, alpn }) {
      const ticket = join(folder, String((tickets += 1)));
      const base = ['s_client', '-connect', `127.0.0.1:${port}`, '-ign_eof', '-sess_out', ticket];
      const named = name === '' ? ['-noservername'] : ['-servername', name];
      const asked = alpn === undefined ? [] : ['-alpn', alpnText(alpn)];
      const all: Visited[] = [];
      for (let n = 0; n < visits; n++) {
        const again = n === 0 ? [] : ['-sess_in', ticket];
        all.push(await visited('openssl', [...base, ...named, ...asked, ...again], { input: REQUEST }));
      }
      return { pages: all.flatMap(({ pages }) => pages), said: all.map(({ said }) => said).join('') };
    },
  };
}

function curl(): TlsClient {
  return {
    alpn: 'given',
    takesDot: true,
    version: () =>
      firstLine('curl', ['--version'], /curl [\d.]+ .*?OpenSSL\/[\d.]+/).then((text) =>
        text.replace(/ \(.*\)/, ',').replace(/libcurl\S* /, ''),
      ),
    visit({ port, name, visits = 1, alpn }) {
      const url = `https://${name === '' ? '127.0.0.1' : name}:${port}/`;
      const resolve =
        name === ''
          ? []
          : ['--resolve', `${name.replace(/\.$/, '')}:${port}:127.0.0.1`, '--resolve', `${name}:${port}:127.0.0.1`];
      const protocol = alpn?.includes('h2') === false || visits > 1 ? ['--http1.1'] : [];
      // A connection each, and the same cache of tickets.
      const urls = Array.from({ length: visits }, () => url);
      return visited('curl', ['-skS', '-H', 'Connection: close', ...resolve, ...protocol, ...urls]);
    },
  };
}

function gnutls(): TlsClient {
  return {
    alpn: 'given',
    takesDot: true,
    version: () => firstLine('gnutls-cli', ['--version'], /[\d.]+/).then((text) => `GnuTLS ${text}`),
    visit({ port, name, visits = 1, alpn = [] }) {
      const named = name === '' ? ['--disable-sni'] : ['--sni-hostname', name];
      const asked = alpn.map((one) => `--alpn=${one}`);
      const again = visits > 1 ? ['--resume', '--waitresumption'] : [];
      return visited('gnutls-cli', ['--insecure', '-p', String(port), ...named, ...asked, ...again, '127.0.0.1'], {
        input: REQUEST,
      });
    },
  };
}

function nss(t: TestContext): TlsClient {
  const folder = temporaryFolder(t);
  let made: Promise<unknown> | undefined;
  return {
    alpn: 'none',
    takesDot: true,
    version: () =>
      firstLine('dpkg-query', ['-W', '-f', '${Version}', 'libnss3'], /(?<=:)[\d.]+/).then((text) => `NSS ${text}`),
    async visit({ port, name, visits = 1 }) {
      made ??= runProgram('certutil', ['-N', '-d', folder, '--empty-password']);
      await made;
      const base = ['-h', '127.0.0.1', '-p', String(port), '-d', folder, '-o', '-V', 'tls1.2:tls1.3'];
      const named = name === '' ? [] : ['-a', name];
      const again = visits > 1 ? ['-u', '-L', String(visits)] : [];
      const file = temporaryFile(t, 'request', REQUEST);
      return visited('tstclnt', [...base, ...named, ...again, '-A', file]);
    },
  };
}

function java(t: TestContext): TlsClient {
  const folder = temporaryFolder(t);
  let compiled: Promise<unknown> | undefined;
  return {
    alpn: 'given',
    takesDot: false,
    version: () => firstLine('java', ['-version'], /"[\d._]+"/).then((text) => `OpenJDK ${text.replaceAll('"', '')}`),
    async visit({ port, name, visits = 1, alpn }) {
      compiled ??= runProgram('javac', ['-d', folder, `${PROGRAMS}Visit.java`]);
      await compiled;
      const asked = alpn === undefined ? [] : [alpnText(alpn)];
      return visited('java', ['-Xshare:auto', '-cp', folder, 'Visit', String(port), name, String(visits), ...asked]);
    },
  };
}

function python(): TlsClient {
  return {
    alpn: 'given',
    takesDot: true,
    version: () =>
      firstLine(
        'python3',
        ['-c', 'import platform, ssl; print(platform.python_version() + ", " + ssl.OPENSSL_VERSION)'],
        /[\d.]+, OpenSSL [\d.]+/,
      ),
    visit: ({ port, name, visits = 1, alpn }) =>
      visited('python3', [
        `${PROGRAMS}visit.py`,
        String(port),
        name,
        String(visits),
        ...(alpn === undefined ? [] : [alpnText(alpn)]),
      ]),
  };
}

/** Builds the program of Go, once for a file of tests. @returns its path */
export async function buildGo(t: TestContext): Promise<string> {
  const folder = temporaryFolder(t);
  const program = join(folder, 'visit');
  const { code, all } = await runProgram('go', ['build', '-o', program, `${PROGRAMS}visit.go`], {
    env: { GO111MODULE: 'off', GOFLAGS: '', GOTOOLCHAIN: 'local' },
  });
  if (code !== 0) throw new Error(`go build failed:\n${all}`);
  return program;
}

function go(t: TestContext): TlsClient {
  let built: Promise<string> | undefined;
  return {
    alpn: 'given',
    takesDot: true,
    version: () => firstLine('go', ['version'], /(?<=go)[\d.]+/).then((text) => `Go ${text}`),
    async visit({ port, name, visits = 1, alpn }) {
      built ??= buildGo(t);
      return visited(await built, [
        String(port),
        name,
        String(visits),
        ...(alpn === undefined ? [] : [alpnText(alpn)]),
      ]);
    },
  };
}

/** In this process. */
function node(): TlsClient {
  const once = ({ port, name, alpn }: Visit, session: Buffer | undefined) =>
    new Promise<{ readonly text: string; readonly session: Buffer | undefined }>((resolve) => {
      const socket = connect({
        ...{ host: '127.0.0.1', port, rejectUnauthorized: false, session },
        ...(name !== '' && { servername: name }),
        ...(alpn !== undefined && { ALPNProtocols: [...alpn] }),
      });
      let text = '';
      let ticket = session;
      socket.on('session', (given: Buffer) => (ticket = given));
      socket.on('secureConnect', () => socket.write(REQUEST));
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('error', (error) => (text += String(error)));
      socket.on('close', () => resolve({ text, session: ticket }));
    });
  return {
    alpn: 'given',
    takesDot: true,
    version: () =>
      Promise.resolve(`Node ${process.versions.node}, OpenSSL ${process.versions.openssl.replace(/\+.*/, '')}`),
    async visit(visit) {
      let session: Buffer | undefined;
      let said = '';
      for (let n = 0; n < (visit.visits ?? 1); n++) {
        const got = await once(visit, session);
        said += got.text;
        session = got.session;
      }
      return { pages: said.match(PAGE) ?? [], said };
    },
  };
}

function chromium(t: TestContext): TlsClient {
  const browser = launchChromium(['--host-resolver-rules=MAP *.test 127.0.0.1, MAP *.test. 127.0.0.1']);
  browser.catch(() => undefined);
  t.after(async () => (await browser).close());
  return {
    alpn: 'both',
    mostConnections: 3,
    takesDot: true,
    version: async () => `Chromium ${(await browser).version()}`,
    async visit({ port, name, visits = 1 }) {
      const context = await (await browser).newContext({ ignoreHTTPSErrors: true });
      let said = '';
      try {
        for (let n = 0; n < visits; n++) {
          const page = await context.newPage();
          await page.goto(`https://${name === '' ? '127.0.0.1' : name}:${port}/`);
          said += `${await page.locator('body').innerText()}\n`;
          await page.close();
        }
      } catch (error) {
        said += String(error);
      } finally {
        await context.close();
      }
      return { pages: said.match(PAGE) ?? [], said };
    },
  };
}

/** All of them: name in the table, the programs that it needs, and how a test starts one of its own. */
export const TLS_CLIENTS: readonly {
  readonly name: string;
  readonly tools: readonly string[];
  readonly start: (t: TestContext) => TlsClient;
}[] = [
  { name: 'openssl s_client', tools: ['openssl'], start: openssl },
  { name: 'curl', tools: ['curl'], start: curl },
  { name: 'gnutls-cli', tools: ['gnutls-cli'], start: gnutls },
  { name: 'NSS tstclnt', tools: ['tstclnt', 'certutil'], start: nss },
  { name: 'Java SSLSocket', tools: ['java', 'javac'], start: java },
  { name: 'Python ssl', tools: ['python3'], start: python },
  { name: 'Go crypto/tls', tools: ['go'], start: go },
  { name: 'Node tls', tools: [], start: node },
  { name: 'Chromium', tools: ['chromium'], start: chromium },
];
