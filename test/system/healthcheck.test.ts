import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';

import { nginxCommand, nginxHttpFolders, nginxMain } from '../../scripts/bench/nginx.ts';
import { runTool } from '../../scripts/bench/tools.ts';
import { checkLimit, HealthMonitor } from '../../src/control/healthcheck/monitor.ts';
import { healthcheckSchema } from '../../src/control/healthcheck/registry.ts';
import { systemClock } from '../../src/core/clock.ts';
import { Dialer } from '../../src/io/dialer.ts';
import { temporaryFolder } from '../helpers/processes/cli.ts';
import { startNginx } from '../helpers/processes/nginx.ts';
import { answers, missingTools } from '../helpers/processes/tools.ts';
import { checkBy } from '../helpers/rigs/checking.ts';
import { freePort } from '../helpers/sockets/traffic.ts';

const TRUSTED = 'web.internal';

interface HealthPages {
  readonly port: number;
  readonly tlsPort: number;
  readonly path: string;
}

/** A real nginx with pages to check, over TLS too, with a certificate that openssl made. */
async function startHealthPages(t: TestContext): Promise<HealthPages> {
  const folder = temporaryFolder(t);
  const [port, tlsPort] = [await freePort(), await freePort()];
  const path = join(folder, 'nginx.sock');
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${TRUSTED}`];
  const names = ['-addext', `subjectAltName=DNS:${TRUSTED}`, '-keyout', key, '-out', cert];
  await runTool('openssl', [...request, ...names]);
  mkdirSync(join(folder, 'html'));
  const config = join(folder, 'nginx.conf');
  writeFileSync(
    config,
    `${nginxMain({ folder, workers: 1 })}http {
${nginxHttpFolders(folder)}
  access_log off;
  server {
    listen 127.0.0.1:${port} default_server;
    listen 127.0.0.1:${tlsPort} ssl default_server;
    listen unix:${path} default_server;
    ssl_certificate ${cert};
    ssl_certificate_key ${key};
    location = /quiet.html { return 200 "quiet\\n"; }
    location = /health { return 200 "status: OK\\n"; }
    location = /moved { return 302 /health; }
    location = /broken { return 503 "status: maintenance\\n"; }
    location = /host { return 200 "$host $request_method\\n"; }
  }
  server {
    listen 127.0.0.1:${port};
    server_name www.example.org;
    location = /only-here { return 204; }
  }
}
`,
  );
  const { program, args } = nginxCommand(folder, config);
  const child: ChildProcess = spawn(program, args, { stdio: 'inherit', detached: true });
  t.after(async () => {
    if (child.pid === undefined || child.exitCode !== null) return;
    process.kill(-child.pid, 'SIGKILL');
    await once(child, 'exit');
  });
  await answers(`http://127.0.0.1:${port}`);
  const before = process.env['SSL_CERT_FILE'];
  t.after(() => {
    if (before === undefined) delete process.env['SSL_CERT_FILE'];
    else process.env['SSL_CERT_FILE'] = before;
  });
  process.env['SSL_CERT_FILE'] = cert;
  return { port, tlsPort, path };
}

describe('checks of a real nginx', { skip: missingTools('nginx', 'openssl') }, () => {
  test('by HTTP, with every option', async (t) => {
    const { port, path } = await startHealthPages(t);
    const by = (keys: Record<string, unknown>) => checkBy({ kind: 'http', ...keys })({ host: '127.0.0.1', port });
    const said: Record<string, string> = {
      page: await by({ http_path: '/health' }),
      moved: await by({ http_path: '/moved' }),
      'moved, which is not wanted': await by({ http_path: '/moved', http_expected_status: '200-299' }),
      broken: await by({ http_path: '/broken' }),
      'broken, as wanted': await by({ http_path: '/broken', http_expected_status: '503' }),
      missing: await by({ http_path: '/nowhere' }),
      body: await by({ http_path: '/health', http_expected_body: '^status: OK\\n$' }),
      'another body': await by({ http_path: '/health', http_expected_body: 'maintenance' }),
      'the host of the backend': await by({ http_path: '/host', http_expected_body: '^127\\.0\\.0\\.1 GET' }),
      'another host': await by({ http_path: '/only-here', http_host: 'www.example.org' }),
      'not that host': await by({ http_path: '/only-here' }),
      HEAD: await by({ http_path: '/health', http_method: 'HEAD' }),
      POST: await by({ http_path: '/host', http_method: 'POST', http_expected_body: 'POST' }),
      'unix socket': await checkBy({ kind: 'http', http_path: '/health' })({ path }),
      port: await checkBy({ kind: 'http', http_path: '/health', port })({ host: '127.0.0.1', port: 1 }),
    };
    console.table(said);
    assert.deepEqual(said, {
      page: 'passed',
      moved: 'passed',
      'moved, which is not wanted': 'the status is 302',
      broken: 'the status is 503',
      'broken, as wanted': 'passed',
      missing: 'the status is 404',
      body: 'passed',
      'another body': 'the body does not match (11 bytes, beginning with "status: OK\\n")',
      'the host of the backend': 'passed',
      'another host': 'passed',
      'not that host': 'the status is 404',
      HEAD: 'passed',
      POST: 'passed',
      'unix socket': 'passed',
      port: 'passed',
    });
  });

  test('by TLS, HTTP and probe, verified and not', async (t) => {
    const { tlsPort: port } = await startHealthPages(t);
    const target = { host: '127.0.0.1', port };
    const https = (keys: Record<string, unknown>) =>
      checkBy({ kind: 'http', http_tls: true, http_path: '/health', http_expected_body: 'OK', ...keys })(target);
    const probe = (keys: Record<string, unknown>) =>
      checkBy({
        kind: 'probe',
        probe_protocol: 'tls',
        probe_send: 'GET /health HTTP/1.0\\r\\n\\r\\n',
        probe_strategy: 'regexp',
        probe_recv: '^HTTP/1\\.1 200 ',
        probe_recv_len: 13,
        ...keys,
      })(target);
    assert.equal(await https({ http_tls_server_name: TRUSTED }), 'passed');
    assert.equal(await https({ http_tls_ignore_verify: true }), 'passed');
    assert.match(await https({}), /does not match certificate/);
    assert.equal(await probe({ probe_tls_server_name: TRUSTED }), 'passed');
    assert.equal(await probe({ probe_tls_ignore_verify: true }), 'passed');
    assert.match(await probe({ probe_tls_server_name: 'other.internal' }), /does not match certificate/);
    delete process.env['SSL_CERT_FILE'];
    assert.equal(await https({ http_tls_server_name: TRUSTED }), 'self-signed certificate');
  });

  test('see it die and come back', async (t) => {
    const nginx = await startNginx(t, 'M1');
    const told: string[] = [];
    let heard: () => void = () => {};
    const monitor = new HealthMonitor(
      healthcheckSchema.parse({ kind: 'http', interval: '50ms', http_path: '/quiet.html', fails: 3, passes: 2 }),
      {
        clock: systemClock,
        random: Math.random,
        dialer: new Dialer(systemClock),
        limit: checkLimit(),
        events: {
          changed: (key, { isLive, reason }) => {
            told.push(`${key === nginx.address ? 'M1' : key} ${isLive ? 'up' : 'down'}: ${reason}`);
            heard();
          },
        },
      },
    );
    t.after(() => monitor.stop());
    const until = async (count: number) => {
      while (told.length < count) await new Promise<void>((resolve) => (heard = resolve));
    };
    // The timers of the clock do not keep the test alive.
    const hold = setInterval(() => {}, 1_000);
    t.after(() => clearInterval(hold));
    const { port } = nginx;
    const addresses = () => [{ ip: '127.0.0.1', port }];
    monitor.watch([{ key: nginx.address, target: { host: '127.0.0.1', port }, addresses }]);
    for (let round = 0; round < 2; round++) {
      await nginx.kill();
      await until(2 * round + 1);
      await nginx.start();
      await until(2 * round + 2);
    }
    const round = [/^M1 down: connection (refused|reset)$|^M1 down: closed without an answer$/, /^M1 up: passed$/];
    for (const [index, line] of told.entries()) assert.match(line, round[index % 2]!);
  });
});
