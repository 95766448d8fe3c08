/**
 * What a client asks a backend to do. The backend says its name in a line, some backends before they are asked, and
 * then
 *   echo      sends back what comes, to its end
 *   download  sends its bytes and the end, whatever the client does
 *   upload    takes all, and answers with the SHA-256 of it in a line
 *   both      sends its bytes while it takes all, and then that line
 *   abort     sends its bytes, takes some or all, and resets the connection
 */
export const EXCHANGES = ['echo', 'download', 'upload', 'both', 'abort'] as const;
export type Exchange = (typeof EXCHANGES)[number];

/** The first line that a client sends; what comes after it is the stream of `upSeed`. */
export interface Request {
  readonly exchange: Exchange;
  readonly upSeed: number;
  /** What the backend sends. */
  readonly downSeed: number;
  readonly downBytes: number;
  /** How long the backend reads nothing after the line. */
  readonly deafMs: number;
  /** Of an abort: so many bytes after the line are taken before the reset. */
  readonly takesBytes: number;
}

export function requestLine(request: Request): string {
  return `${JSON.stringify(request)}\n`;
}

export function readRequest(line: string): Request {
  return JSON.parse(line) as Request;
}
