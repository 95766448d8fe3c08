/** Every engine that there is, one line for each. Nothing else in the program lists them. */
export { epoll } from './epoll/kind.ts';
export { net } from './net/kind.ts';
