import { udpContract } from './udp.ts';

udpContract(['epoll']);
