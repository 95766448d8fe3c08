import { udpContract } from './udp.ts';

udpContract(['net']);
