#!/usr/bin/env bash
# The guess: HAProxy tells Apache by the PROXY protocol who its clients are (`send-proxy`, RemoteIPProxyProtocol), and it goes
#   on working for clients that come by a unix socket: the header for those is `PROXY UNKNOWN`, and the protocol wants
#   receivers to take it and to use the connection's own address.
# What happens: a client by TCP is served. One by the unix socket gets an empty answer: Apache closes the connection, and its
#   error log speaks of an "internal error: have data left over". With `send-proxy-v2` both are served: that header is LOCAL.
# Versions: HAProxy 2.6.12-1+deb12u4, Apache 2.4.71-1~deb12u1. Seen on 2026-12-01.
# Why it matters to a load balancer: version 1 must never say UNKNOWN to a server, whatever the protocol allows. Where the
#   client has no address that fits, TCP4 or TCP6 with the connection's own two addresses is taken by all, in checks too.

source "$(dirname "$0")/lib/finding.sh"

[[ $(id -u) -eq 0 ]] || skip 'needs root: Apache gives it up for www-data, which a mapped root cannot'
install_debian apache2-bin=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1 \
  haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing1=1.6.0-4 libopentracing-c-wrapper0=1.1.3-3+b1
cd "$folder"
chmod 755 "$folder"
modules=$folder/root/usr/lib/apache2/modules

cat >apache2.conf <<END
ServerName example.test
ServerRoot $folder
PidFile $folder/pid
DefaultRuntimeDir $folder
Mutex file:$folder
LoadModule mpm_prefork_module $modules/mod_mpm_prefork.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule remoteip_module $modules/mod_remoteip.so
User www-data
Group www-data
Listen 127.0.0.1:7201
RemoteIPProxyProtocol On
ErrorLog $folder/error.log
DocumentRoot $folder
ErrorDocument 404 "client %{REMOTE_ADDR}"
END

cat >haproxy.cfg <<END
defaults
  mode tcp
  timeout connect 5s
  timeout client 20s
  timeout server 20s
listen v1
  bind 127.0.0.1:7202
  bind unix@$folder/v1.sock
  server apache 127.0.0.1:7201 send-proxy
listen v2
  bind 127.0.0.1:7203
  bind unix@$folder/v2.sock
  server apache 127.0.0.1:7201 send-proxy-v2
END

cat >clients.py <<'END'
import socket
def ask(name, address, family):
    client = socket.socket(family)
    if family == socket.AF_INET: client.bind(('127.0.0.7', 0))
    client.connect(address)
    client.sendall(b'GET /none HTTP/1.0\r\n\r\n')
    answer = b''.join(iter(lambda: client.recv(4096), b'')).decode()
    print(f'{name}:', answer.split('\r\n\r\n')[-1] or 'nothing')
for version, port in (('v1', 7202), ('v2', 7203)):
    ask(f'{version} by TCP', ('127.0.0.1', port), socket.AF_INET)
    ask(f'{version} by a unix socket', f'{version}.sock', socket.AF_UNIX)
END

cat >scenario.sh <<'END'
# In a process group of its own: it ends the whole one.
setsid apache2 -f "$PWD/apache2.conf" -D FOREGROUND &
haproxy -f haproxy.cfg -db >haproxy.log 2>&1 &
trap 'kill %1 %2' EXIT
for port in 7201 7203; do until (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; do sleep 0.1; done; done
python3 clients.py
grep -o 'AH03513.*left over' error.log
END

apache2 -v | sed -n 1p
haproxy -v | sed -n 1p
seen=$(in_own_network timeout 40 bash -euo pipefail scenario.sh)
expect "$(grep '^v1 by TCP' <<<"$seen")" '^v1 by TCP: client 127.0.0.7$'
expect "$(grep '^v1 by a' <<<"$seen")" '^v1 by a unix socket: nothing$'
expect "$(grep '^v2 by TCP' <<<"$seen")" '^v2 by TCP: client 127.0.0.7$'
expect "$(grep '^v2 by a' <<<"$seen")" '^v2 by a unix socket: client 127.0.0.1$'
expect "$(grep AH03513 <<<"$seen")" 'internal error: have data left over$'
finish
