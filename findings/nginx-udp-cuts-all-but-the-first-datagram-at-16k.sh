#!/usr/bin/env bash
# The guess: a UDP proxy that passes a datagram of 60,000 bytes on passes the next one of the same client on as well; one
#   that cannot drops it. proxy_buffer_size is for "reading data", and a datagram is whole or not there.
# What happens: nginx reads the first datagram of a session into a buffer of 64 KiB, and whole. All later ones of the session
#   and all answers are read into proxy_buffer_size, 16 KiB, and what does not fit is cut off: the peer gets a datagram of
#   16,384 bytes as if that were all. No line in the error log, also at level info; the status is 200.
# Versions: nginx 1.22.1-9+deb12u11. Seen on 2026-12-01.
# Why it matters to a load balancer: a shortened datagram is worse than a lost one, for the receiver takes it as whole (syslog,
#   GELF, statsd, SIP with large bodies). A test with one datagram passes. A relay has to read into 64 KiB or to look at
#   MSG_TRUNC, and drops and counts what it cannot carry.

source "$(dirname "$0")/lib/finding.sh"

command -v python3 >/dev/null || skip 'needs python3'
install_debian nginx=1.22.1-9+deb12u11 libnginx-mod-stream=1.22.1-9+deb12u11
cd "$folder"

cat >nginx.conf <<END
daemon off;
pid $folder/nginx.pid;
error_log $folder/nginx.log info;
load_module $folder/root/usr/lib/nginx/modules/ngx_stream_module.so;
events {}
stream {
  log_format line '\$status';
  access_log $folder/access.log line;
  server { listen 127.0.0.1:9000 udp; proxy_pass 127.0.0.1:9001; proxy_timeout 1s; }
}
END

cat >datagrams.py <<'END'
import socket, time

def udp():
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.settimeout(2)
    return one

server, client = udp(), udp()
server.bind(('127.0.0.1', 9001))
client.connect(('127.0.0.1', 9000))
sizes, answers = [], []
for attempt in range(3):
    while True:
        try:
            client.send(bytes(60000))
            datagram, relay = server.recvfrom(65536)
            break
        except ConnectionRefusedError:
            # nginx does not listen yet.
            time.sleep(0.05)
    sizes.append(len(datagram))
    server.sendto(bytes(50000), relay)
    answers.append(len(client.recv(65536)))
print('three of 60000 bytes arrive with', *sizes)
print('three answers of 50000 bytes arrive with', *answers)
END

in_own_network bash -euo pipefail -c '
  nginx -e "$0/nginx.log" -c "$0/nginx.conf" -p "$0" 2>"$0/start.log" &
  trap "kill $!; wait" EXIT
  timeout 30 python3 datagrams.py >"$0/seen"
  for attempt in {1..50}; do [[ -s $0/access.log ]] && break; sleep 0.1; done
' "$folder"
expect "$(sed -n 1p seen)" 'three of 60000 bytes arrive with 60000 16384 16384'
expect "$(sed -n 2p seen)" 'three answers of 50000 bytes arrive with 16384 16384 16384'
expect "status of the session: $(cat access.log)" 'session: 200$'
expect "lines of the error log about it: $(grep -ciE 'trunc|too (large|big|long)|cut' nginx.log || true)" ': 0$'
finish
