import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

import { visible } from '../config/problem/diagnostic-line.ts';

/** Whether questions can be asked: both ends are a terminal. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks for yes or no; everything but yes is no. */
export async function confirm(question: string): Promise<boolean> {
  const answer = await ask(`${visible(question)} [y/N] `, process.stderr);
  return /^y(es)?$/i.test(answer?.trim() ?? '');
}

/** Asks for what must not be seen. @returns undefined when it was called off */
export async function askSecret(question: string): Promise<string | undefined> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const asked = ask('', nowhere);
  // The terminal shows no key from here on.
  process.stderr.write(`${visible(question)}: `);
  const answer = await asked;
  process.stderr.write('\n');
  return answer;
}

function ask(prompt: string, output: NodeJS.WritableStream): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output, terminal: true, historySize: 0 });
  return new Promise((resolve) => {
    let answer: string | undefined;
    lines.on('close', () => resolve(answer));
    lines.on('SIGINT', () => lines.close());
    lines.question(prompt, (text) => {
      answer = text;
      lines.close();
    });
  });
}
