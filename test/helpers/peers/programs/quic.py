"""A QUIC server and client of aioquic:

quic.py serve NAME CERT KEY   prints its port; answers each request for BYTES with its name and so many bytes
quic.py get PORT BYTES PARTS  asks for BYTES over and over in one connection, PARTS times; a line on stdin before each but the first
"""
import asyncio, hashlib, ssl, sys

from aioquic.asyncio import connect, serve
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.quic.configuration import QuicConfiguration


async def run_server(name, cert, key):
    configuration = QuicConfiguration(is_client=False, alpn_protocols=['test'], idle_timeout=60)
    configuration.load_cert_chain(cert, key)

    async def answer(reader, writer):
        size = int(await reader.readline())
        writer.write(f'{name}\n'.encode() + bytes(size))
        writer.write_eof()

    server = await serve(
        '127.0.0.1', 0, configuration=configuration,
        stream_handler=lambda reader, writer: asyncio.ensure_future(answer(reader, writer)),
    )
    print('listening', server._transport.get_extra_info('sockname')[1], flush=True)
    await asyncio.Event().wait()


async def run_client(port, size, parts):
    configuration = QuicConfiguration(alpn_protocols=['test'], verify_mode=ssl.CERT_NONE, idle_timeout=20)
    configuration.server_name = 'a.example.test'
    async with connect('127.0.0.1', port, configuration=configuration) as connection:
        for part in range(parts):
            if part > 0:
                await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
            reader, writer = await connection.create_stream()
            writer.write(f'{size}\n'.encode())
            writer.write_eof()
            name = (await asyncio.wait_for(reader.readline(), 25)).decode().strip()
            body = await asyncio.wait_for(reader.read(), 25)
            print(f'part {part}: {len(body)} bytes from {name}', flush=True)


if sys.argv[1] == 'serve':
    asyncio.run(run_server(*sys.argv[2:5]))
else:
    asyncio.run(run_client(*map(int, sys.argv[2:5])))
