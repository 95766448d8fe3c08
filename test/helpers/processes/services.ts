import type { IpAddress } from '../../../src/core/address.ts';
import type { Tslb } from './cli.ts';

/** Where an HTTP service got its port 0; it may be opened before or after the line that says that all has started. */
export async function serviceOf(running: Tslb, name: 'api' | 'metrics' | 'stats'): Promise<IpAddress> {
  const said = new RegExp(String.raw`\(${name}\): service listening address=(\S+):(\d+)$`);
  const line = running.lines.find((each) => said.test(each)) ?? (await running.logged(said));
  const [, ip = '', port] = said.exec(line) ?? [];
  return { ip, port: Number(port) };
}
