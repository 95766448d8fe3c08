"""One visit to a TLS server on 127.0.0.1 for each number of visits: visit.py PORT NAME VISITS [ALPN,ALPN]

Prints what the server answers, line by line; exit code 1 and the error where it does not.
"""
import socket, ssl, sys

port, name, visits = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
if len(sys.argv) > 4:
    context.set_alpn_protocols(sys.argv[4].split(','))
session = None
for _ in range(visits):
    with socket.create_connection(('127.0.0.1', port)) as plain:
        try:
            with context.wrap_socket(plain, server_hostname=name or '127.0.0.1', session=session) as tls:
                tls.sendall(b'GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n')
                answer = b''
                while chunk := tls.recv(4096):
                    answer += chunk
                session = tls.session
                print(answer.split(b'\r\n\r\n', 1)[-1].decode().strip())
        except (ssl.SSLError, OSError) as error:
            sys.exit(f'{type(error).__name__}: {error}')
