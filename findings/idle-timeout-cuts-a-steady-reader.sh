#!/usr/bin/env bash
# The guess: an idle timeout of 2 s ends connections on which nothing moves for 2 s. A client that reads 200 kB in each
#   second, without a pause of more than a fifth of one, is never idle.
# What happens: nginx (proxy_timeout) and HAProxy (timeout client) end that client's connection after 2 s. Both count when
#   the kernel takes bytes from them. The kernel takes some 4 MB at once and asks for more when a third of that has gone,
#   which takes this client 7 s. What the client acknowledges meanwhile counts for nothing.
#   The client gets the 4 MB that were queued, a tenth of the answer, and then a regular end: no reset tells it that the
#   rest is missing. nginx's log says "timed out", HAProxy's says cD.
# Versions: nginx 1.22.1-9+deb12u11, HAProxy 2.6.12-1+deb12u4, Linux 6.18. Seen on 2026-12-01.
# Why it matters to a load balancer: "idle" has to mean that the peer has acknowledged nothing (SIOCOUTQ, or
#   tcpi_last_ack_recv), and an idle cut has to be a reset. With large send buffers any timeout shorter than the time of a
#   third of a buffer cuts living clients on slow lines.

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
  server { listen 127.0.0.1:7101; proxy_pass 127.0.0.1:8090; proxy_timeout 2s; }
}
END

cat >haproxy.cfg <<'END'
defaults
  mode tcp
  log stdout format raw daemon
  option tcplog
  timeout connect 1s
  timeout client 2s
  timeout server 2s
listen slow
  bind 127.0.0.1:7102
  server one 127.0.0.1:8090
END

# The backend has an answer of 40 MB; each client reads 40 kB of it five times a second.
cat >slow-reader.mjs <<'END'
import { connect, createServer } from 'node:net';

const ANSWER_BYTES = 40_000_000;
const backend = createServer((socket) => socket.on('error', () => {}).end(Buffer.alloc(ANSWER_BYTES)));
await new Promise((resolve) => backend.listen(8090, '127.0.0.1', resolve));
await Promise.all([read('nginx', 7101), read('haproxy', 7102)]);
process.exit();

function read(name, port) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const startedAt = Date.now();
    let bytes = 0;
    let longestPauseMs = 0;
    let lastAt = startedAt;
    const take = setInterval(() => {
      const chunk = socket.read(Math.min(40_000, socket.readableLength)) ?? [];
      bytes += chunk.length;
      if (chunk.length === 0) return;
      longestPauseMs = Math.max(longestPauseMs, Date.now() - lastAt);
      lastAt = Date.now();
    }, 200);
    socket.on('readable', () => {});
    socket.on('error', (error) => finish(error.code));
    socket.on('end', () => finish('a regular end'));
    function finish(end) {
      clearInterval(take);
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
      const pause = longestPauseMs < 1000 ? 'no pause of a second' : `a pause of ${longestPauseMs} ms`;
      console.log(`${name}: ${Math.round(bytes / ANSWER_BYTES * 100)} % of the answer, then ${end}, in ${seconds} s with ${pause}`);
      resolve();
    }
  });
}
END

cat >scenario.sh <<'END'
nginx -p . -c nginx.conf &
haproxy -f haproxy.cfg -db >haproxy.log 2>&1 &
trap 'kill %1 %2' EXIT
until (exec 3<>/dev/tcp/127.0.0.1/7101) 2>/dev/null && (exec 3<>/dev/tcp/127.0.0.1/7102) 2>/dev/null; do sleep 0.1; done
node slow-reader.mjs
END

nginx -v 2>&1
haproxy -v | sed -n 1p
seen=$(in_own_network timeout 50 bash -euo pipefail scenario.sh)
expect "$(grep nginx: <<<"$seen")" 'nginx: (9|1[0-3]) % of the answer, then a regular end, .* no pause of a second'
expect "$(grep haproxy: <<<"$seen")" 'haproxy: (9|1[0-3]) % of the answer, then a regular end, .* no pause of a second'
expect "$(grep -c 'timed out (110' nginx.log) line of nginx says that it timed out" '^1 '
expect "$(grep -c ' cD ' haproxy.log) line of HAProxy has the cause cD" '^1 '
finish
