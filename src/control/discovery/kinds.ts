/** Every source of backends, one line for each. Nothing else in the program lists them. */
export { staticDiscovery } from './static.ts';
