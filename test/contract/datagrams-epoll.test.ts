import { datagramContract } from './datagrams.ts';

datagramContract(['epoll']);
