import { setTimeout } from 'node:timers/promises';

import { type Dialogue, Refused } from './dialogue.ts';
import type { ReceiverKind } from './receiver.ts';

/** Longer than a program here takes to answer; only one that waits for more takes so long. */
const SILENT_MS = 20_000;

/** What became of a connection: the client's address as the program tells it, `refused`, or `silent`. */
export async function outcomeOf(kind: ReceiverKind, dialogue: Dialogue): Promise<string> {
  const patience = new AbortController();
  const answer = kind.ask(dialogue).catch((thrown: unknown) => {
    if (thrown instanceof Refused) return 'refused';
    throw thrown;
  });
  const silence = setTimeout(SILENT_MS, 'silent', { signal: patience.signal }).catch(() => 'silent');
  try {
    return await Promise.race([answer, silence]);
  } finally {
    patience.abort();
    dialogue.close();
  }
}
