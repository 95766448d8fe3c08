#!/usr/bin/env bash
# The guess: a send on a connected UDP socket that fails with ECONNREFUSED says that this datagram found nobody; one that
#   succeeds was at least sent. So a sender to a server that is back after a restart loses what it sent before, and no more.
# What happens: the error belongs to an earlier datagram, whose ICMP message has come meanwhile, and the datagram of the
#   call that fails is not sent at all. To a closed port every second send "succeeds". When the server is back, the first
#   datagram is still lost: its send only takes the old error away.
# Versions: Linux 6.18. Seen on 2026-12-01.
# Why it matters to a load balancer: a relay that drops a datagram whose send failed loses one request for each backend that
#   came back, and one that counts failures of sends counts half of them. A failed send of this kind has to be repeated at
#   once, since nothing has left.

source "$(dirname "$0")/lib/finding.sh"

command -v python3 >/dev/null || skip 'needs python3'
cd "$folder"

cat >sends.py <<'END'
import socket

def server():
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(('127.0.0.1', 9000))
    one.settimeout(1)
    return one

def send(text):
    try:
        client.send(text)
        return 'sent'
    except ConnectionRefusedError:
        return 'refused'

client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.connect(('127.0.0.1', 9000))
print('to a closed port:', ', '.join(send(b'%d' % number) for number in range(6)))
# Once more, so that an error is left.
while send(b'again') != 'sent':
    pass
back = server()
print('the server is back:', ', '.join(send(text) for text in (b'first', b'second', b'third')))
heard = []
try:
    while True:
        heard.append(back.recv(100).decode())
except TimeoutError:
    pass
print('it has heard:', ', '.join(heard))
END

seen=$(in_own_network timeout 30 python3 sends.py)
expect "$(sed -n 1p <<<"$seen")" 'to a closed port: sent, refused, sent, refused, sent, refused'
expect "$(sed -n 2p <<<"$seen")" 'the server is back: refused, sent, sent'
expect "$(sed -n 3p <<<"$seen")" 'it has heard: second, third$'
finish
