import { extname } from 'node:path';

/**
 * Each with what it imports. Nothing of them is used here: Node opens the files of all modules that it is to load at once,
 * and in these parts it takes half as many descriptors. So a process that has few can start a thread.
 */
const PARTS = [
  '../../ledger/thread-ledger',
  '../../wire/proxy-protocol/decode',
  '../../balance/registry',
  '../engines/linux/libc',
  '../engines/epoll/pair',
  '../engines/epoll/kind',
  '../engines/net/pair',
  '../engines/net/kind',
  '../session/picker',
  '../session/connection',
  './worker',
];

/** Where a data-plane thread starts. */
for (const part of PARTS) {
  // The compiler rewrites the extension of imports, not of a URL.
  await import(new URL(part + extname(import.meta.url), import.meta.url).href);
}
