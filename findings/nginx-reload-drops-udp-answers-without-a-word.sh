#!/usr/bin/env bash
# The guess: "nginx -s reload" is graceful. The old worker goes on with what it has begun: connections of TCP are served to
#   their end, and so are sessions of UDP, or at least the answers that are under way.
# What happens: the old worker gives its sessions of UDP up at once. An answer that comes a moment later has nobody to take
#   it, and the client waits in vain. The error log has no word about it. A connection of TCP that does the same at the same
#   time gets its answer.
# Versions: nginx 1.22.1-9+deb12u11. Seen on 2026-12-01.
# Why it matters to a load balancer: each reload costs every question that is under way its answer; resolvers wait seconds,
#   and protocols with long sessions (QUIC, SIP, DTLS) begin anew at another backend. The process that has the sessions has to
#   keep the listening socket until they are over, since the answers leave from it.

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
  server { listen 127.0.0.1:9000 udp; proxy_pass 127.0.0.1:9001; }
  server { listen 127.0.0.1:9000; proxy_pass 127.0.0.1:9001; }
}
END

# A question by each protocol; both are answered after the reload.
cat >questions.py <<'END'
import os, signal, socket, sys, time

KINDS = {'UDP': socket.SOCK_DGRAM, 'TCP': socket.SOCK_STREAM}

def workers():
    with open(f'/proc/{nginx}/task/{nginx}/children') as file:
        return set(file.read().split())

nginx = int(sys.argv[1])
servers, clients = {}, {}
for kind, number in KINDS.items():
    servers[kind] = socket.socket(socket.AF_INET, number)
    servers[kind].bind(('127.0.0.1', 9001))
servers['TCP'].listen()
for kind, number in KINDS.items():
    # nginx may not listen yet.
    while True:
        client = socket.socket(socket.AF_INET, number)
        client.settimeout(3)
        servers[kind].settimeout(0.2)
        try:
            client.connect(('127.0.0.1', 9000))
            client.send(b'question')
            if kind == 'TCP':
                servers[kind] = servers[kind].accept()[0]
            _, peer = servers[kind].recvfrom(100)
            break
        except OSError:
            client.close()
            time.sleep(0.05)
    clients[kind] = client
    if kind == 'UDP':
        servers[kind].connect(peer)

def round_trip(kind, text):
    try:
        servers[kind].send(text)
        return clients[kind].recv(100).decode()
    except TimeoutError:
        return 'nothing'

for kind in KINDS:
    print(f'{kind}, before the reload: {round_trip(kind, b"an answer")}')
old = workers()
os.kill(nginx, signal.SIGHUP)
while not workers() - old:
    time.sleep(0.02)
time.sleep(0.5)
print(f'the old worker {"lives" if workers() & old else "is gone"}')
for kind in KINDS:
    print(f'{kind}, after it: {round_trip(kind, b"an answer")}')
END

in_own_network bash -euo pipefail -c '
  nginx -e "$0/nginx.log" -c "$0/nginx.conf" -p "$0" 2>"$0/start.log" &
  nginx=$!
  trap "kill $nginx; wait" EXIT
  timeout 40 python3 questions.py "$nginx" >"$0/seen"
' "$folder"
expect "$(grep 'UDP, before' seen)" 'reload: an answer'
expect "$(grep 'TCP, before' seen)" 'reload: an answer'
expect "$(grep 'the old worker' seen)" 'lives'
expect "$(grep 'UDP, after' seen)" 'it: nothing'
expect "$(grep 'TCP, after' seen)" 'it: an answer'
expect "lines of the error log about sessions: $(grep -cE ' \[(warn|error|crit)\] ' nginx.log || true)" ': 0$'
finish
