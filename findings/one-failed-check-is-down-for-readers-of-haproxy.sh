#!/usr/bin/env bash
# The guess: a server that has failed one check of six is up, still gets clients, and is up for every program that reads
#   HAProxy's statistics.
# What happens: HAProxy writes "UP 5/6" in the column `status`. prometheus-haproxy-exporter knows "UP", "UP 1/3" and "UP 2/3",
#   which the default `fall 3` gives; any other text is down: haproxy_server_up is 0. check_haproxy_stats says CRITICAL,
#   because it wants "UP" and nothing behind it. So with `fall 6` one lost check is an outage for two readers, while each
#   client is served.
# Versions: HAProxy 2.6.12-1+deb12u4, prometheus-haproxy-exporter 0.14.0-1+b5, monitoring-plugins-contrib
#   42.20230308+deb12u1+b1. Seen on 2026-12-01.
# Why it matters to a load balancer: one that offers HAProxy's CSV has to write "UP", without a count, for as long as a server
#   gets clients, whatever its last checks were. The count has a column of its own (check_health).

source "$(dirname "$0")/lib/finding.sh"

install_debian haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing1=1.6.0-4 \
  libopentracing-c-wrapper0=1.1.3-3+b1 prometheus-haproxy-exporter=0.14.0-1+b5 \
  monitoring-plugins-contrib=42.20230308+deb12u1+b1
cd "$folder"

# After a failed check the next one comes in a minute, so that the state stays as it is.
cat >haproxy.cfg <<END
global
  stats socket $folder/stats.sock
defaults
  mode tcp
  timeout connect 1s
  timeout client 5s
  timeout server 5s
listen web
  bind 127.0.0.1:7201
  server one 127.0.0.1:8090 check inter 500ms fastinter 60s fall 6
listen page
  mode http
  bind 127.0.0.1:7202
  stats enable
  stats uri /stats
END

# The backend is away for one check, and back before a client comes.
cat >backend.mjs <<'END'
import { connect, createServer } from 'node:net';

const statusIs = async (wanted) => {
  for (;;) {
    const csv = await fetch('http://127.0.0.1:7202/stats;csv').then((answer) => answer.text(), () => '');
    const [header = '', ...lines] = csv.split('\n');
    const columns = header.replace('# ', '').split(',');
    const line = lines.find((text) => text.startsWith('web,one,'))?.split(',') ?? [];
    const [status, check] = ['status', 'check_status'].map((column) => line[columns.indexOf(column)]);
    if (status !== undefined && wanted(status, check)) return status;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
const listening = (backend) => new Promise((resolve) => backend.listen(8090, '127.0.0.1', resolve));
const backend = createServer((socket) => socket.on('error', () => {}).end('served'));
await listening(backend);
await statusIs((status, check) => status === 'UP' && check === 'L4OK');
backend.close();
console.log(`status: ${await statusIs((status) => status !== 'UP')}`);
await listening(backend);
connect(7201, '127.0.0.1').on('data', (answer) => console.log(`a client: ${answer}`)).on('close', () => process.exit());
END

cat >scenario.sh <<'END'
node backend.mjs &
backend=$!
until (exec 3<>/dev/tcp/127.0.0.1/8090) 2>/dev/null; do sleep 0.1; done
haproxy -f haproxy.cfg -db >haproxy.log 2>&1 &
prometheus-haproxy-exporter --haproxy.scrape-uri='http://127.0.0.1:7202/stats;csv' --web.listen-address=127.0.0.1:7203 \
  >exporter.log 2>&1 &
trap 'kill %2 %3' EXIT
wait "$backend"
until (exec 3<>/dev/tcp/127.0.0.1/7203) 2>/dev/null; do sleep 0.1; done
node -e 'fetch("http://127.0.0.1:7203/metrics").then((answer) => answer.text()).then(console.log)' | grep '^haproxy_server_up'
perl root/usr/lib/nagios/plugins/check_haproxy_stats -s stats.sock -p web | sed 's/|.*//' || true
END

haproxy -v | sed -n 1p
seen=$(in_own_network timeout 40 bash -euo pipefail scenario.sh)
expect "$(grep ^status: <<<"$seen")" '^status: UP 5/6$'
expect "$(grep 'a client:' <<<"$seen")" '^a client: served$'
expect "$(grep haproxy_server_up <<<"$seen")" '^haproxy_server_up\{backend="web",server="one"\} 0$'
expect "$(grep CRITICAL <<<"$seen" || echo 'no CRITICAL')" 'CRITICAL - server: web:one is UP 5/6'
finish
