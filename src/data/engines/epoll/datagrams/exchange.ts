import type { Descriptors } from '../../common/descriptors.ts';
import { AnswerBatch } from '../../linux/answer-batch.ts';
import { DatagramSender } from '../../linux/datagram-sender.ts';
import type { Loop } from '../../linux/loop.ts';
import { BUFFER_BYTES } from '../../linux/message-layout.ts';
import { NativeMemory } from '../../linux/native-memory.ts';
import { ReceiveBatch } from '../../linux/receive-batch.ts';
import { TakeBatch } from '../../linux/take-batch.ts';
import { Turn } from './turn.ts';

/** What all listeners and sessions of a thread move datagrams by, one after the other. */
export class Exchange {
  readonly loop: Loop;
  readonly descriptors: Descriptors;
  /** Datagrams of clients. */
  readonly batch: ReceiveBatch;
  /** Datagrams for clients. */
  readonly answers: AnswerBatch;
  readonly taken: TakeBatch;
  readonly sender: DatagramSender;
  readonly turn: Turn;
  /** For a datagram that is sent from memory whose address is not known. */
  readonly scratch: NativeMemory;

  constructor(loop: Loop, descriptors: Descriptors) {
    this.loop = loop;
    this.descriptors = descriptors;
    this.batch = new ReceiveBatch(loop.libc);
    this.answers = new AnswerBatch(loop.libc);
    this.taken = new TakeBatch(loop.libc);
    this.sender = new DatagramSender(loop.libc);
    this.turn = new Turn(loop, this.answers);
    this.scratch = new NativeMemory(loop.libc, BUFFER_BYTES);
  }
}
