/** Every balancer, one line for each. Nothing else in the program lists them. */
export { consistent } from './consistent.ts';
export { iphash } from './iphash.ts';
export { iphash1 } from './iphash1.ts';
export { leastbandwidth } from './leastbandwidth.ts';
export { leastconn } from './leastconn.ts';
export { random2 } from './random2.ts';
export { roundrobin } from './roundrobin.ts';
export { weight } from './weight.ts';
