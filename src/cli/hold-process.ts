import { MessageChannel } from 'node:worker_threads';

/** Keeps the process running though it may have no socket and no timer that would. @returns what lets go of it */
export function holdProcess(): () => void {
  const hold = new MessageChannel().port1;
  hold.ref();
  return () => hold.close();
}
