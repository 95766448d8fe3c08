import { createSocket, type Socket } from 'node:dgram';
import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';

import type { IpAddress } from '../../core/address.ts';
import { untilAborted } from '../until-aborted.ts';
import { type Answer, type Question, questionBytes, readAnswer } from './message.ts';

/** A forger has to guess port and number of a question: so a port is used for so many, and answers fit its buffer. */
const MOST_OF_SOCKET = 100;

/** Asks one name server by UDP. Without a question it has no descriptor open. */
export class UdpQuestions {
  readonly #server: IpAddress;
  #current: Channel | undefined;

  constructor(server: IpAddress) {
    this.#server = server;
  }

  /** One packet, and the first answer to it. @throws the system's error, or at an abort */
  ask(question: Question, signal: AbortSignal): Promise<Answer> {
    return untilAborted(signal, 'no answer', (resolve, reject) => {
      if (this.#current?.isUsable !== true) this.#current = new Channel(this.#server);
      return this.#current.ask(question, resolve, reject);
    });
  }
}

interface Waiting {
  readonly question: Question;
  readonly answered: (answer: Answer) => void;
  readonly failed: (error: Error) => void;
}

/** One socket, closed when its last question has ended. */
class Channel {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  /** Until it is connected. */
  #unsent: Buffer[] | undefined = [];
  #asked = 0;
  #isClosed = false;

  constructor({ ip, port }: IpAddress) {
    this.#socket = createSocket(isIPv6(ip) ? 'udp6' : 'udp4');
    this.#socket.unref();
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('message', (bytes) => this.#read(bytes));
    // Connected, so that the kernel drops what others send and tells when no server listens.
    this.#socket.connect(port, ip, (error?: Error) => {
      if (error !== undefined) return this.#fail(error);
      const unsent = this.#unsent ?? [];
      this.#unsent = undefined;
      for (const bytes of unsent) this.#send(bytes);
    });
  }

  get isUsable(): boolean {
    return !this.#isClosed && this.#asked < MOST_OF_SOCKET;
  }

  /** @returns what ends the question */
  ask(question: Question, answered: (answer: Answer) => void, failed: (error: Error) => void): () => void {
    const id = this.#freeId();
    this.#asked += 1;
    this.#waiting.set(id, { question, answered, failed });
    const bytes = questionBytes(id, question);
    if (this.#unsent === undefined) this.#send(bytes);
    else this.#unsent.push(bytes);
    return () => {
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#close();
    };
  }

  #freeId(): number {
    let id = randomInt(0x10000);
    while (this.#waiting.has(id)) id = randomInt(0x10000);
    return id;
  }

  #send(bytes: Buffer): void {
    if (this.#isClosed) return;
    this.#socket.send(bytes, (error) => {
      if (error !== null) this.#fail(error);
    });
  }

  #read(bytes: Buffer): void {
    if (bytes.length < 2) return;
    const id = bytes.readUInt16BE(0);
    const waiting = this.#waiting.get(id);
    const answer = waiting && readAnswer(bytes, id, waiting.question);
    if (answer !== undefined) waiting?.answered(answer);
  }

  #fail(error: Error): void {
    for (const { failed } of [...this.#waiting.values()]) failed(error);
    this.#close();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }
}
