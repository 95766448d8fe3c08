import { Arrival } from './stream.ts';

const NEW_LINE = 0x0a;

/** What comes to a client: the backend's name in a line, a stream, and a last line; each of the two perhaps empty. */
export class Reply {
  /** All of it. */
  bytes = 0;
  readonly #stream: Arrival;
  readonly #streamBytes: number;
  #name = '';
  #isNamed = false;
  #lastLine = '';

  constructor(seed: number, streamBytes: number) {
    this.#stream = new Arrival(seed);
    this.#streamBytes = streamBytes;
  }

  /** Of the backend; empty until it is known. */
  get name(): string {
    return this.#isNamed ? this.#name : '';
  }

  take(chunk: Buffer): void {
    this.bytes += chunk.length;
    const nameBytes = this.#isNamed ? 0 : this.#takeName(chunk);
    const streamBytes = Math.min(chunk.length - nameBytes, this.#streamBytes - this.#stream.bytes);
    this.#stream.take(chunk.subarray(nameBytes, nameBytes + streamBytes));
    this.#lastLine += chunk.toString('latin1', nameBytes + streamBytes);
  }

  isWhole(lastLine: string): boolean {
    return this.#isNamed && this.#stream.bytes === this.#streamBytes && this.#lastLine === lastLine;
  }

  /** @returns what is not as it was sent, as far as it has come */
  fault(lastLine: string): string | undefined {
    if (this.#stream.differsAt !== undefined) return `byte ${this.#stream.differsAt} is not the one that was sent`;
    if (lastLine.startsWith(this.#lastLine)) return undefined;
    return `the answer ends with ${JSON.stringify(this.#lastLine.slice(0, 100))} instead of ${JSON.stringify(lastLine)}`;
  }

  /** @returns bytes that belong to the name */
  #takeName(chunk: Buffer): number {
    const end = chunk.indexOf(NEW_LINE);
    const length = end < 0 ? chunk.length : end;
    this.#name += chunk.toString('latin1', 0, length);
    this.#isNamed = end >= 0;
    return this.#isNamed ? length + 1 : length;
  }
}
