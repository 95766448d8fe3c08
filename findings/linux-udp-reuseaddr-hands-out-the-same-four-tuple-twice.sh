#!/usr/bin/env bash
# The guess: SO_REUSEADDR is harmless on a socket that only connects. Two connected UDP sockets never have the same four
#   addresses and ports: connect() gives the second one another port, or says that there is none.
# What happens: where both have SO_REUSEADDR, connect() gives two sockets the same port towards the same peer, without an
#   error, long before the ports are used up. From then on all answers reach one of the two.
# Versions: Linux 6.18. Seen on 2026-12-01.
# Why it matters to a load balancer: with one socket for each client, a client reads what was meant for another, and its own
#   answer never comes. "Reuse addresses" is a habit from listening sockets of TCP; on sockets towards backends of UDP it
#   must not be set.

source "$(dirname "$0")/lib/finding.sh"

command -v python3 >/dev/null || skip 'needs python3'
cd "$folder"

cat >sockets.py <<'END'
import collections, socket, sys

PORTS, SOCKETS = 500, 400
with open('/proc/sys/net/ipv4/ip_local_port_range', 'w') as file:
    file.write(f'20000 {20000 + PORTS - 1}')

def connected(server, shares):
    sockets = []
    for _ in range(SOCKETS):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if shares:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.connect(server.getsockname())
        one.settimeout(0.2)
        sockets.append(one)
    return sockets

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('127.0.0.1', 9000))
for shares in (False, True):
    sockets = connected(server, shares)
    names = collections.defaultdict(list)
    for one in sockets:
        names[one.getsockname()].append(one)
    twice = sum(len(ones) - 1 for ones in names.values())
    print(f'{"with" if shares else "without"} SO_REUSEADDR: {twice} of {SOCKETS} sockets have the port of another')
    # Each asks for itself, and the server answers with the question.
    own = other = none = 0
    for number, one in enumerate(sockets):
        one.send(str(number).encode())
        question, client = server.recvfrom(100)
        server.sendto(question, client)
    for number, one in enumerate(sockets):
        heard = set()
        try:
            while True:
                heard.add(int(one.recv(100)))
                one.setblocking(False)
        except (BlockingIOError, TimeoutError):
            pass
        own += number in heard
        other += len(heard - {number})
        none += not heard
    print(f'{own} have the answer to their own question, {other} answers came to another socket')
    for one in sockets:
        one.close()
END

seen=$(in_own_network timeout 50 python3 sockets.py)
expect "$(sed -n 1p <<<"$seen")" '^without SO_REUSEADDR: 0 of 400'
expect "$(sed -n 2p <<<"$seen")" '^400 have the answer to their own question, 0 answers'
expect "$(sed -n 3p <<<"$seen")" '^with SO_REUSEADDR: [1-9][0-9]* of 400'
expect "$(sed -n 4p <<<"$seen")" '^[1-3][0-9][0-9] have the answer to their own question, [1-9][0-9]* answers'
finish
