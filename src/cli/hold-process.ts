import { MessageChannel } from 'node:worker_threads';

/** Keeps the process running, even without a socket or a timer. @returns a function that lets it end */
export function holdProcess(): () => void {
  const hold = new MessageChannel().port1;
  hold.ref();
  return () => hold.close();
}
