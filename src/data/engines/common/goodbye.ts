/** How long a client that is told why it is closed may go on sending, and how much: then it is closed for good. */
export const LONGEST_GOODBYE_MS = 1_000;
export const MOST_DISCARDED_BYTES = 1024 * 1024;
