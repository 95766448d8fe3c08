/** Every check, one line for each. Nothing else in the program lists them. */
export { exec } from './exec.ts';
export { http } from './http.ts';
export { none } from './none.ts';
export { ping } from './ping.ts';
export { probe } from './probe.ts';
