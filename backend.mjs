import { connect, createServer } from 'node:net';

const statusIs = async (wanted) => {
  for (;;) {
    const csv = await fetch('http://127.0.0.1:7202/stats;csv').then((answer) => answer.text(), () => '');
    const [, status, check] = /^web,one,(?:[^,]*,){15}([^,]*),(?:[^,]*,){18}([^,]*),/m.exec(csv) ?? [];
    if (wanted(status, check)) return status;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
const listening = (backend) => new Promise((resolve) => backend.listen(8090, '127.0.0.1', resolve));
const backend = createServer((socket) => socket.on('error', () => {}).end('served'));
await listening(backend);
await statusIs((status, check) => status === 'UP' && check === 'L4OK');
backend.close();
console.log(`status: ${await statusIs((status) => status !== 'UP')}`);
await listening(backend);
connect(7201, '127.0.0.1').on('data', (answer) => console.log(`a client: ${answer}`)).on('close', () => process.exit());
