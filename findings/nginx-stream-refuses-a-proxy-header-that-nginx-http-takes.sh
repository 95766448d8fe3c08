#!/usr/bin/env bash
# The guess: one program reads the PROXY protocol in one way. What nginx takes at `listen ... proxy_protocol` of http, it takes
#   at the same line of stream.
# What happens: stream reads at most 107 bytes, the longest line of version 1, also for version 2, whose header says its own
#   length of up to 65,551. A header of 108 bytes is "too large", and the client is reset. http takes it, and ten times as
#   much. Addresses alone have 28 or 52 bytes; a name (authority), a unique id, or version and cipher of TLS go beyond 107.
# Versions: nginx 1.22.1-9+deb12u11 with libnginx-mod-stream. Seen on 2026-12-01.
# Why it matters to a load balancer: to tell more (`proxy-v2-options unique-id`, one name that is longer than the others)
#   breaks some clients or all, while every check that sends a short header passes. TLVs have to be off unless asked for, and
#   a warning has to say at which length which servers close.

source "$(dirname "$0")/lib/finding.sh"

install_debian nginx=1.22.1-9+deb12u11 libnginx-mod-stream=1.22.1-9+deb12u11
cd "$folder"

cat >nginx.conf <<END
daemon off;
pid $folder/nginx.pid;
error_log $folder/nginx.log info;
load_module $folder/root/usr/lib/nginx/modules/ngx_stream_module.so;
events {}
http {
  access_log off;
  client_body_temp_path $folder/1;
  proxy_temp_path $folder/2;
  fastcgi_temp_path $folder/3;
  uwsgi_temp_path $folder/4;
  scgi_temp_path $folder/5;
  server {
    listen 127.0.0.1:7201 proxy_protocol;
    location / { return 200 "client \$proxy_protocol_addr"; }
  }
}
stream {
  server {
    listen 127.0.0.1:7202 proxy_protocol;
    return "client \$proxy_protocol_addr";
  }
}
END

cat >clients.py <<'END'
import socket, struct
def header(length):
    """Of version 2 for 203.0.113.7, with a unique id that makes it so long."""
    tlv = b'\x05' + struct.pack('>H', length - 31) + b'x' * (length - 31)
    addresses = socket.inet_aton('203.0.113.7') + socket.inet_aton('192.0.2.9') + struct.pack('>HH', 51234, 443)
    return b'\r\n\r\n\0\r\nQUIT\n\x21\x11' + struct.pack('>H', 12 + len(tlv)) + addresses + tlv
for name, port, lengths in (('http', 7201, (107, 108, 159)), ('stream', 7202, (107, 108, 159))):
    for length in lengths:
        client = socket.create_connection(('127.0.0.1', port))
        answer = b''
        try:
            client.sendall(header(length))
            if name == 'http': client.sendall(b'GET / HTTP/1.0\r\n\r\n')
            answer = b''.join(iter(lambda: client.recv(4096), b''))
        except ConnectionError:
            pass
        print(f'{name}, {length} bytes:', answer.decode().split('\r\n\r\n')[-1] or 'closed')
END

cat >scenario.sh <<'END'
nginx -p "$PWD" -c nginx.conf -e nginx.log &
trap 'kill %1' EXIT
until (exec 3<>/dev/tcp/127.0.0.1/7202) 2>/dev/null; do sleep 0.1; done
python3 clients.py
grep -o 'header is too large' nginx.log | sort | uniq -c
END

nginx -v 2>&1
seen=$(in_own_network timeout 40 bash -euo pipefail scenario.sh)
expect "$(grep 'http, 108' <<<"$seen")" '^http, 108 bytes: client 203.0.113.7$'
expect "$(grep 'http, 159' <<<"$seen")" '^http, 159 bytes: client 203.0.113.7$'
expect "$(grep 'stream, 107' <<<"$seen")" '^stream, 107 bytes: client 203.0.113.7$'
expect "$(grep 'stream, 108' <<<"$seen")" '^stream, 108 bytes: closed$'
expect "$(grep 'stream, 159' <<<"$seen")" '^stream, 159 bytes: closed$'
expect "$(grep 'too large' <<<"$seen")" '2 header is too large$'
finish
