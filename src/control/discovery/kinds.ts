/** Every source of backends, one line for each. Nothing else in the program lists them. */
export { exec } from './exec.ts';
export { plaintext } from './plaintext.ts';
export { staticDiscovery } from './static.ts';
