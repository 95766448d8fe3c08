import { writeSync } from 'node:fs';
import { emitKeypressEvents } from 'node:readline';

import type { Key } from './keys.ts';
import type { Size } from './state.ts';

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[2J';
/** The cursor is shown and the alternate buffer left, whatever the last frame was; colours end. */
const LEAVE = '\x1b[0m\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const TO_END_OF_LINE = '\x1b[K';
/** A terminal that knows these two shows all output between them at once (synchronized output). */
const [HOLD, SHOW] = ['\x1b[?2026h', '\x1b[?2026l'];

export interface TerminalEvents {
  key(key: Key): void;
  resized(size: Size): void;
  /** The terminal is gone. */
  closed(): void;
}

type Output = NodeJS.WriteStream & { readonly fd: number };

/** A terminal in its alternate buffer, key by key and without echo; `leave` gives it back as it was. */
export class Terminal {
  readonly #input: NodeJS.ReadStream;
  readonly #output: Output;
  readonly #keypress: (text: string | undefined, key: { name?: string; ctrl?: boolean }) => void;
  readonly #resized: () => void;
  #isEntered = false;

  constructor(input: NodeJS.ReadStream, output: Output, events: TerminalEvents) {
    this.#input = input;
    this.#output = output;
    this.#keypress = (text, { name, ctrl }) => events.key({ name, text, ctrl });
    this.#resized = () => events.resized(this.size);
    for (const event of ['end', 'error']) input.once(event, () => events.closed());
  }

  get size(): Size {
    return { columns: Math.max(1, this.#output.columns), rows: Math.max(1, this.#output.rows) };
  }

  enter(): void {
    if (this.#isEntered) return;
    this.#isEntered = true;
    emitKeypressEvents(this.#input);
    this.#input.on('keypress', this.#keypress);
    this.#output.on('resize', this.#resized);
    this.#input.setRawMode(true);
    this.#input.resume();
    this.#output.write(ENTER);
  }

  /** Writes synchronously, because the process may be about to end. */
  leave(): void {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    this.#input.off('keypress', this.#keypress);
    this.#output.off('resize', this.#resized);
    try {
      this.#input.setRawMode(false);
      writeSync(this.#output.fd, LEAVE);
    } catch {
      // The terminal is gone: there is nothing to restore.
    }
    this.#input.pause();
  }

  /**
   * Writes the whole frame at once. A frame that the terminal has no room for is skipped: the next one is complete.
   * @param lines as many as there are rows
   */
  draw(lines: readonly string[]): void {
    if (!this.#isEntered || this.#output.writableNeedDrain) return;
    // Cleared before and not after: behind a line of full width xterm and the console of Linux clear its last column.
    const text = lines.map((line) => TO_END_OF_LINE + line).join('\r\n');
    this.#output.write(HOLD + HOME + text + SHOW);
  }
}
