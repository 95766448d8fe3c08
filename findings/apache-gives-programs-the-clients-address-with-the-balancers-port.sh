#!/usr/bin/env bash
# The guess: where Apache takes the client from a PROXY header (RemoteIPProxyProtocol), REMOTE_ADDR and REMOTE_PORT of a CGI
#   program are the two that the header has, as they are in the access log.
# What happens: REMOTE_ADDR is the client's, and REMOTE_PORT is the port of the load balancer's own connection. The pair that
#   a program sees has never existed. The access log's %a and %{remote}p are the client's, both.
# Versions: Apache 2.4.71-1~deb12u1. Seen on 2026-12-01.
# Why it matters to a load balancer: behind carrier NAT a client is found by address and port together, and abuse reports ask
#   for both. A balancer that wants programs to know the port has to write it to its own access log with the address and
#   port of its connection to the backend, or the log of Apache has to be asked.

source "$(dirname "$0")/lib/finding.sh"

[[ $(id -u) -eq 0 ]] || skip 'needs root: Apache gives it up for www-data, which a mapped root cannot'
install_debian apache2-bin=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1
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
LoadModule alias_module $modules/mod_alias.so
LoadModule cgi_module $modules/mod_cgi.so
User www-data
Group www-data
Listen 127.0.0.1:7201
RemoteIPProxyProtocol On
ErrorLog $folder/error.log
LogFormat "%a %{remote}p" client
CustomLog $folder/access.log client
DocumentRoot $folder
ScriptAlias /client $folder/client.cgi
END

cat >client.cgi <<'END'
#!/bin/sh
printf 'Content-Type: text/plain\n\n%s %s\n' "$REMOTE_ADDR" "$REMOTE_PORT"
END
chmod 755 client.cgi

cat >client.py <<'END'
import socket
client = socket.create_connection(('127.0.0.1', 7201))
client.sendall(b'PROXY TCP4 203.0.113.7 192.0.2.9 51234 80\r\nGET /client HTTP/1.0\r\n\r\n')
answer = b''.join(iter(lambda: client.recv(4096), b'')).decode().split()
own = client.getsockname()[1]
ports = {'51234': "the client's port", str(own): "the connection's port"}
print('program:', answer[-2], ports.get(answer[-1], answer[-1]))
END

cat >scenario.sh <<'END'
# In a process group of its own: it ends the whole one.
setsid apache2 -f "$PWD/apache2.conf" -D FOREGROUND &
trap 'kill %1' EXIT
until (exec 3<>/dev/tcp/127.0.0.1/7201) 2>/dev/null; do sleep 0.1; done
python3 client.py
until grep -q ^203 access.log; do sleep 0.1; done
printf 'log: %s\n' "$(grep ^203 access.log)"
END

apache2 -v | sed -n 1p
seen=$(in_own_network timeout 40 bash -euo pipefail scenario.sh)
expect "$(grep ^log: <<<"$seen")" '^log: 203.0.113.7 51234$'
expect "$(grep ^program: <<<"$seen")" "^program: 203.0.113.7 the connection's port$"
finish
