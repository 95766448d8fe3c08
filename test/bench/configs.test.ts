import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { BALANCERS } from '../../scripts/bench/subjects/registry.ts';
import type { Layout } from '../../scripts/bench/subjects/subject.ts';
import { poolAddresses, webConfig } from '../../scripts/bench/web-servers.ts';
import { loadConfig } from '../../src/app/config/load.ts';

const LAYOUT: Layout = {
  folder: '/tmp/x',
  threads: 2,
  services: [
    { name: 'web', port: 8080, backends: ['127.0.0.1:8001', '127.0.0.1:8002'] },
    { name: 'echo', port: 8081, backends: ['127.0.0.1:8003'] },
  ],
};

const OTHERS: Layout = {
  folder: '/tmp/x',
  threads: 1,
  services: [
    { name: 'names', port: 8082, backends: ['127.0.0.1:8001', '127.0.0.1:8002'] },
    { name: 'proxy-v1', port: 8083, backends: ['127.0.0.1:8001'] },
    { name: 'datagrams-once', port: 8084, backends: ['127.0.0.1:8001'] },
  ],
};

describe('the configuration of', () => {
  for (const [name, engine] of [
    ['epoll', 'epoll'],
    ['net', 'net'],
    ['guarded', 'epoll'],
  ] as const) {
    test(`tslb ${name} has neither errors nor warnings`, async () => {
      const bytes = Buffer.from(BALANCERS[name].config(LAYOUT));
      const { config, diagnostics } = await loadConfig({ bytes, file: 'tslb.toml' });
      assert.deepEqual(diagnostics, []);
      assert.equal(config?.threads, 2);
      assert.deepEqual(
        config.servers.map((server) => [server.name, server.engine]),
        [
          ['web', engine],
          ['echo', engine],
        ],
      );
    });
  }

  test('nginx stream tells names and datagrams apart from the rest', () => {
    const text = BALANCERS.nginx.config(OTHERS);
    assert.match(text, /^ {2}map \$ssl_preread_server_name \$by_names \{\n {4}www\.example\.test names_0;$/m);
    assert.match(text, /^ {4}ssl_preread on;\n {4}proxy_pass \$by_names;$/m);
    assert.match(text, /^ {4}listen 127\.0\.0\.1:8083;\n {4}proxy_protocol on;$/m);
    assert.match(
      text,
      /^ {4}listen 127\.0\.0\.1:8084 udp rcvbuf=4m;\n {4}proxy_timeout 10s;\n {4}proxy_responses 1;$/m,
    );
  });

  test('HAProxy elects by name, and sends a PROXY header', () => {
    const text = BALANCERS.haproxy.config(OTHERS);
    assert.match(text, /^ {2}use_backend names_1 if \{ req\.ssl_sni -i api\.example\.test \}$/m);
    assert.match(text, /^ {2}server s0 127\.0\.0\.1:8001 send-proxy$/m);
  });

  test('HAProxy has its threads, and splices only where it is to', () => {
    const [plain, splicing] = [BALANCERS.haproxy.config(LAYOUT), BALANCERS['haproxy-splice'].config(LAYOUT)];
    for (const text of [plain, splicing]) {
      assert.match(text, /^ {2}nbthread 2$/m);
      assert.match(text, /^frontend web\n {2}bind 127\.0\.0\.1:8080\n {2}default_backend web\n$/m);
      assert.match(text, /^ {2}server s1 127\.0\.0\.1:8002$/m);
    }
    assert.doesNotMatch(plain, /splice/);
    assert.match(splicing, /^ {2}option splice-request\n {2}option splice-response$/m);
  });

  test('nginx stream has as many workers as the others have threads', () => {
    const text = BALANCERS.nginx.config(LAYOUT);
    assert.match(text, /^worker_processes 2;$/m);
    assert.match(text, /^ {2}upstream web \{\n {4}server 127\.0\.0\.1:8001;\n {4}server 127\.0\.0\.1:8002;\n {2}\}$/m);
    assert.match(text, /^ {4}listen 127\.0\.0\.1:8081;\n {4}proxy_pass echo;$/m);
  });

  test('a web server has one worker and no access log, and listens at each of its addresses', () => {
    const text = webConfig('/tmp/x', '/tmp/pages', ['127.0.0.1:8001', '127.1.0.1:8001']);
    for (const line of ['worker_processes 1;', '  access_log off;', '  sendfile on;', '    root /tmp/pages;'])
      assert.ok(text.includes(`\n${line}\n`) || text.startsWith(`${line}\n`), line);
    assert.match(text, /^ {4}listen 127\.0\.0\.1:8001;\n {4}listen 127\.1\.0\.1:8001;$/m);
  });
});

test('the thousand addresses differ, are of this machine alone, and are shared out evenly', () => {
  const addresses = poolAddresses([8001, 8002], 1000);
  assert.equal(new Set(addresses).size, 1000);
  assert.equal(new Set(addresses.map((address) => address.split(':')[0])).size, 1000);
  assert.equal(addresses.filter((address) => address.endsWith(':8001')).length, 500);
  for (const address of addresses) assert.match(address, /^127\.1\.[0-3]\.([1-9]|[1-9]\d|1\d\d|2[0-4]\d|250):800[12]$/);
});
