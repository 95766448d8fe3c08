import {
  ACTIVE,
  CONNECTED,
  ENTRIES,
  USED_ENTRIES,
  LOCK,
  NEWER,
  NEXT,
  OLDER,
  WAITING,
  firstBucket,
  wordOf,
  type ClientMemory,
} from '../../../src/ledger/client-layout.ts';
import { SharedLock } from '../../../src/ledger/shared-lock.ts';

const NONSENSE = -77;

/** As if the thread had died while it worked on the table, everywhere at once. */
export function scramble({ table, owner }: ClientMemory): void {
  const words = new Int32Array(table);
  new SharedLock(words, LOCK, owner).acquire();
  const entries = words[ENTRIES]!;
  for (let entry = 0; entry <= entries; entry++) {
    for (const link of [NEXT, OLDER, NEWER]) words[wordOf(entry) + link] = NONSENSE;
    // Nobody counts at an entry before it is known.
    if (entry <= words[USED_ENTRIES]!) for (const count of [ACTIVE, WAITING]) words[wordOf(entry) + count] = NONSENSE;
  }
  words.fill(NONSENSE, firstBucket(entries));
  words[CONNECTED] = NONSENSE;
}
