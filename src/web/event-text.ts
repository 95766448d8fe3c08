/** One message of a stream of server-sent events (HTML Living Standard, 9.2). */
export interface StreamMessage {
  /** Without line ends. */
  readonly event: string;
  /** Most often JSON. */
  readonly data: string;
  /** Without line ends. What a client that comes back says it has seen last (`Last-Event-ID`). */
  readonly id?: string | undefined;
}

export function eventText({ event, data, id }: StreamMessage): string {
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}${lines.join('')}\n`;
}

/** What a client waits before it comes back after an end. */
export function retryText(ms: number): string {
  return `retry: ${ms}\n\n`;
}

/** A comment, which clients skip. */
export const HEARTBEAT = ':\n\n';
