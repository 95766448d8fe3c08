import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Larger than anything that people write or that tslb keeps: 30,000 backends with all their keys are 5 MB. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Reads a file as readFile does, and neither waits for a pipe nor reads a device without end.
 * @throws the system's errors, or Error for what is no file or is too large
 */
export async function readSmallFile(path: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    // Of a directory the system says it itself.
    if (!stats.isFile() && !stats.isDirectory()) throw new Error('not a file');
    if (stats.size > MOST_BYTES) throw new Error(`larger than ${MOST_BYTES} bytes`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
