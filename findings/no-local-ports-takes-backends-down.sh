#!/usr/bin/env bash
# The guess: a connect that fails because this host has no local port left (EADDRNOTAVAIL) says nothing about the
#   backend. A load balancer tells its operator, and goes on with the backend as soon as a port is free.
# What happens: it is held against the backend.
#   HAProxy's check writes "Out of local source ports on the system" as its result, and takes the server down for it.
#   nginx counts it as a failure of the upstream server. One client is enough to disable all servers of the upstream for
#   fail_timeout, 10 s: clients that come after the ports are free again are turned away with "no live upstreams".
# Versions: HAProxy 2.6.12-1+deb12u4, nginx 1.22.1-9+deb12u11, Linux 6.18. Seen on 2026-12-01.
# Why it matters to a load balancer: with the usual range some 470 short connections a second to one backend use all ports.
#   A busy hour then becomes an outage of healthy backends, and where a server that is down has its connections closed,
#   of those that had a port as well. Shortages of this host belong in the log and in a metric, not in a backend's record.

source "$(dirname "$0")/lib/finding.sh"

install_debian nginx=1.22.1-9+deb12u11 libnginx-mod-stream=1.22.1-9+deb12u11 \
  haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing1=1.6.0-4 libopentracing-c-wrapper0=1.1.3-3+b1
cd "$folder"

cat >nginx.conf <<END
daemon off;
pid $folder/nginx.pid;
error_log $folder/nginx.log info;
load_module $folder/root/usr/lib/nginx/modules/ngx_stream_module.so;
events {}
stream {
  upstream both { server 127.0.0.1:8080; server 127.0.0.1:8081; }
  server { listen unix:$folder/nginx.sock; proxy_pass both; }
}
END

cat >haproxy.cfg <<END
global
  stats socket $folder/haproxy.stats
defaults
  mode tcp
  timeout connect 1s
  timeout client 30s
  timeout server 30s
listen checked
  bind unix@$folder/haproxy.sock
  server one 127.0.0.1:8080 check inter 200 fall 2 rise 2
END

# Two healthy backends that greet their clients; all ports towards both in use; and clients of nginx on a unix socket.
cat >clients.mjs <<'END'
import { connect, createServer } from 'node:net';

const PORTS = [8080, 8081];
for (const port of PORTS) {
  const backend = createServer((socket) => socket.on('error', () => {}).write('hello'));
  await new Promise((resolve) => backend.listen(port, '127.0.0.1', resolve));
}
await until(async () => (await haproxyStatus()).startsWith('UP'));
console.log(`haproxy, ports free: ${await haproxyStatus()}`);

const inUse = (await Promise.all(PORTS.map(useAllPorts))).flat();
await until(async () => (await haproxyStatus()).startsWith('DOWN'));
console.log(`haproxy, no port: ${await haproxyStatus()}`);
console.log(`nginx, no port: ${await ask()}`);

for (const socket of inUse) socket.resetAndDestroy();
await until(() => directly(8080));
console.log(`directly, ports free again: ${(await directly(8080)) ? 'hello' : 'nothing'}`);
console.log(`nginx, ports free again: ${await ask()}`);
const since = Date.now();
await until(async () => (await ask()) === 'hello');
console.log(`nginx, later: hello after ${Math.round((Date.now() - since) / 1000)} s`);
process.exit();

async function useAllPorts(port) {
  const sockets = [];
  for (;;) {
    const socket = connect({ host: '127.0.0.1', port });
    const code = await new Promise((resolve) => socket.on('connect', () => resolve('')).on('error', (error) => resolve(error.code)));
    if (code === 'EADDRNOTAVAIL') return sockets;
    sockets.push(socket);
  }
}

function directly(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.resetAndDestroy());
  });
}

function ask() {
  return answerOf('nginx.sock', '').then((answer) => answer || 'closed without a byte');
}

async function haproxyStatus() {
  const rows = (await answerOf('haproxy.stats', 'show stat\n')).split('\n').map((row) => row.split(','));
  const columns = rows.find(([first]) => first === '# pxname') ?? [];
  const server = rows.find(([, name]) => name === 'one') ?? [];
  return `${server[columns.indexOf('status')]} ${server[columns.indexOf('last_chk')]}`;
}

function answerOf(path, question) {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ path }).setEncoding('utf8');
    if (question !== '') socket.write(question);
    socket.on('data', (text) => {
      answer += text;
      if (question === '') socket.destroy();
    });
    socket.on('error', () => {}).on('close', () => resolve(answer));
  });
}

async function until(holds) {
  for (const end = Date.now() + 30_000; !(await holds()); ) {
    if (Date.now() > end) throw new Error('waited in vain for what was seen before');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
END

cat >scenario.sh <<'END'
sysctl -qw net.ipv4.ip_local_port_range='50000 50003'
nginx -p . -c nginx.conf &
haproxy -f haproxy.cfg -db >haproxy.log 2>&1 &
trap 'kill %1 %2' EXIT
until [[ -S nginx.sock && -S haproxy.stats ]]; do sleep 0.1; done
node clients.mjs
END

nginx -v 2>&1
haproxy -v | sed -n 1p
seen=$(in_own_network timeout 50 bash -euo pipefail scenario.sh)
expect "$(grep 'haproxy, ports free' <<<"$seen")" ': UP '
expect "$(grep 'haproxy, no port' <<<"$seen")" ': DOWN Out of local source ports on the system'
expect "$(grep 'nginx, no port' <<<"$seen")" 'closed without a byte'
expect "$(grep 'directly,' <<<"$seen")" ': hello$'
expect "$(grep 'nginx, ports free again' <<<"$seen")" 'closed without a byte'
expect "$(grep 'nginx, later' <<<"$seen")" 'hello after (8|9|10|11) s'
expect "$(grep -c 'temporarily disabled' nginx.log) servers disabled by nginx" '^2 '
expect "$(grep -c 'no live upstreams' nginx.log) clients without a live upstream" '^[1-9]'
finish
