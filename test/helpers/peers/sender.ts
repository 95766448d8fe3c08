import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';

import type { IpAddress } from '../../../src/core/address.ts';
import { makeCertificate } from '../sockets/certificate.ts';
import { Dialogue, openDialogue } from './dialogue.ts';

/** Named by every client that speaks TLS. */
export const SERVER_NAME = 'www.example.test';

/** Where a sender takes clients; absent where it cannot. */
export interface Listeners {
  readonly inet: IpAddress;
  readonly inet6?: IpAddress;
  /** Of `[::]`, reached by IPv4. */
  readonly dual?: IpAddress;
}

/** A program that tells a server who the client is, by the PROXY protocol. */
export interface SenderKind {
  /** Of the program and of the setting, as in the table. */
  readonly name: string;
  /** Which has to be installed. */
  readonly program: string;
  version(): Promise<string>;
  /** @param target takes its connections, at 127.0.0.1 */
  start(t: TestContext, target: IpAddress): Promise<Listeners>;
  /** Asks as `askWeb` does. @param from the client's address @returns what the server behind it answers as client */
  ask(listener: IpAddress, from: string): Promise<string>;
}

/** One file with a key and a self-signed certificate for `SERVER_NAME`. */
export function writeCertificate(folder: string): string {
  const { key, cert } = makeCertificate({ names: [SERVER_NAME] });
  const file = join(folder, 'certificate.pem');
  writeFileSync(file, key + cert, { mode: 0o644 });
  return file;
}

/** The name as in `writeCertificate`; who signed it does not matter here. */
export async function openTls(address: IpAddress, from: string): Promise<Dialogue> {
  const plain = await openDialogue(address, from);
  const socket = connectTls({ socket: plain.socket, servername: SERVER_NAME, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  return new Dialogue(socket);
}
