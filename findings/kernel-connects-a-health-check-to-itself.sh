#!/usr/bin/env bash
# The guess: a TCP check of a port that nobody listens at is refused.
# What happens: where the port lies in the range of automatic local ports and the backend is on this host, the kernel may
#   give the check that very port as its own. Then it is connected to itself (simultaneous open, RFC 9293 section 3.5).
#   HAProxy takes the server for up, sends a client there, and the client gets its own bytes back as the answer.
# Versions: HAProxy 2.6.12-1+deb12u4, Linux 6.18. Seen on 2026-12-01, with a range of two ports so that it happens soon; with
#   the default range it took some 10,000 attempts, which is three hours of a check each second.
# Why it matters to a load balancer: after each connect to an address of this host it has to compare getsockname() with
#   the address it has dialled, and take equality for "refused". It has to end that connection by a reset: else TIME_WAIT
#   holds the backend's port, and the backend cannot start. ip_local_reserved_ports keeps the kernel from it.

source "$(dirname "$0")/lib/finding.sh"

install_debian haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing1=1.6.0-4 libopentracing-c-wrapper0=1.1.3-3+b1
cd "$folder"

cat >haproxy.cfg <<END
global
  stats socket $folder/haproxy.stats
defaults
  mode tcp
  timeout connect 1s
  timeout client 2s
  timeout server 2s
  retries 0
listen dead
  bind unix@$folder/haproxy.sock
  server nobody 127.0.0.1:50000 check inter 100 fall 1 rise 1
END

cat >clients.mjs <<'END'
import { connect } from 'node:net';

const TEXT = 'sent by the client';
const seen = { status: 'never up', echo: 'no answer' };
for (const end = Date.now() + 20_000; Date.now() < end && (seen.status === 'never up' || seen.echo === 'no answer'); ) {
  if (/(^|\n)dead,nobody,.*,UP,/.test(await answerOf('haproxy.stats', 'show stat\n'))) seen.status = 'up';
  if ((await answerOf('haproxy.sock', TEXT)) === TEXT) seen.echo = 'its own bytes';
}
console.log(`status of the server: ${seen.status}`);
console.log(`what a client gets: ${seen.echo}`);

function answerOf(path, text) {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ path }).setEncoding('utf8');
    socket.write(text);
    socket.on('data', (more) => {
      answer += more;
      if (answer === text) socket.destroy();
    });
    socket.on('error', () => {}).on('close', () => resolve(answer));
  });
}
END

cat >scenario.sh <<'END'
sysctl -qw net.ipv4.ip_local_port_range='50000 50001'
haproxy -f haproxy.cfg -db >haproxy.log 2>&1 &
trap 'kill %1' EXIT
until [[ -S haproxy.stats ]]; do sleep 0.1; done
node clients.mjs
END

haproxy -v | sed -n 1p
seen=$(in_own_network timeout 40 bash -euo pipefail scenario.sh)
expect "$(grep status <<<"$seen")" ': up$'
expect "$(grep client <<<"$seen")" ': its own bytes$'
finish
