import { datagramContract } from './datagrams.ts';

datagramContract(['net']);
