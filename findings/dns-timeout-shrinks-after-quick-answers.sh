#!/usr/bin/env bash
# The guess: a resolver that is told "timeout 10 s, one try" waits ten seconds for an answer. A name whose answer takes three
#   seconds, because its zone is far away, is found.
# What happens: c-ares takes the timeout for a beginning. Once a name server has answered other names in a millisecond, c-ares
#   waits for five times its usual time, but at least 250 ms. With one try the slow name then fails after a quarter of a
#   second, "Timeout while contacting DNS servers". The first question of a process, before any quick answer, is waited for.
# Versions: c-ares 1.34.9 (in pycares 5.2.1 of PyPI). Seen on 2026-12-01.
# Why it matters to a load balancer: several proxies and runtimes resolve by c-ares. With a cache beside it, which answers most
#   names in no time, the names of one slow zone are lost, and only under traffic: a test that asks for one name passes. A
#   resolver of backends has to count the time of each name by itself, or allow several tries.

source "$(dirname "$0")/lib/finding.sh"

install_pypi pycares==5.2.1
cd "$folder"

# A name server on this host: answers quickly, but names that begin with "slow" after three seconds.
cat >ask.py <<'END'
import socket, struct, threading, time
import pycares

def name_server():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(('127.0.0.1', 0))
    def answer(question, client):
        end = question.index(b'\0', 12) + 5
        record = b'\xc0\x0c\0\1\0\1' + struct.pack('>IH', 60, 4) + bytes([192, 0, 2, 1])
        server.sendto(question[:2] + b'\x81\x80\0\1\0\1\0\0\0\0' + question[12:end] + record, client)
    def serve():
        while True:
            question, client = server.recvfrom(4096)
            delay = 3 if question[13:17] == b'slow' else 0
            threading.Timer(delay, answer, (question, client)).start()
    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1]

def ask(channel, name):
    done, said = threading.Event(), []
    def told(_, error):
        said.append('an answer' if error is None else pycares.errno.strerror(error))
        done.set()
    began = time.monotonic()
    channel.query(name, pycares.QUERY_TYPE_A, callback=told)
    done.wait(15)
    return f'{said[0] if said else "nothing"} after {time.monotonic() - began:.1f} s'

port = name_server()
print(f'c-ares {pycares.ARES_VERSION}')
for quick in (0, 20):
    channel = pycares.Channel(servers=['127.0.0.1'], udp_port=port, timeout=10, tries=1)
    for number in range(quick):
        ask(channel, f'quick{number}.test')
    print(f'after {quick} quick answers: {ask(channel, "slow.test")}')
END

seen=$(timeout 40 python3 ask.py)
sed -n 1p <<<"$seen"
expect "$(grep 'after 0 ' <<<"$seen")" ': an answer after 3\.[0-9] s'
expect "$(grep 'after 20 ' <<<"$seen")" ': Timeout while contacting DNS servers after 0\.[2-5] s'
finish
