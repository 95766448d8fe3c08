import type { TestContext } from 'node:test';

import type { IpAddress } from '../../../src/core/address.ts';
import type { Dialogue } from './dialogue.ts';

/** A program that is told the client's address by the PROXY protocol. */
export interface Receiver {
  /** Its listener, which wants the header. */
  readonly address: IpAddress;
  /** What it has logged as a warning or worse since it started. */
  complaints(): readonly string[];
}

export interface ReceiverKind {
  /** Of the program and of its part, as in the table. */
  readonly name: string;
  /** Which has to be installed. */
  readonly program: string;
  /** It knows the client's port; some that tell a port tell the sender's. */
  readonly tellsPort?: boolean;
  version(): Promise<string>;
  start(t: TestContext): Promise<Receiver>;
  /** Speaks its protocol on a connection. @returns the client's address as the program tells it, with the port where it tells that */
  ask(dialogue: Dialogue): Promise<string>;
}

/** As every web server of these tests is configured to answer. */
export async function askWeb(dialogue: Dialogue, target = '/client'): Promise<string> {
  dialogue.say(`GET ${target} HTTP/1.1\r\nHost: example.test\r\nConnection: close\r\n\r\n`);
  const [, client = ''] = await dialogue.hears(/client=(\S+)/);
  return client;
}
