/** Where struct tcp_info has what we read of it: tcp(7), linux/tcp.h. It only grows at its end. */
const RETRANSMITS = 2;
const PROBES = 3;
const UNACKNOWLEDGED = 24;
const LAST_DATA_SENT = 44;
const LAST_ACK_RECEIVED = 56;

const BYTES = 60;

/** As many unanswered ones as a living peer does not leave, at 1 % loss, once in a hundred thousand cases. */
const UNANSWERED = 3;

/** What the kernel knows of a connection, as it was when Libc filled this. */
export class TcpInfo {
  readonly memory = Buffer.alloc(BYTES);

  /**
   * Milliseconds since the peer acknowledged bytes, or a round trip more. When no segment is under way, all that was sent
   * is acknowledged, and answers to probes are no progress. A segment that was sent just now may yet be acknowledged.
   */
  get silentMs(): number {
    const sentMs = this.memory.readUInt32LE(LAST_DATA_SENT);
    if (this.memory.readUInt32LE(UNACKNOWLEDGED) === 0) return sentMs;
    const isRetransmitted = this.memory.readUInt8(RETRANSMITS) > 0;
    return isRetransmitted ? this.unansweredMs : Math.min(sentMs, this.unansweredMs);
  }

  /** Milliseconds since the peer's kernel answered anything. */
  get unansweredMs(): number {
    return this.memory.readUInt32LE(LAST_ACK_RECEIVED);
  }

  /** Whether retransmissions or probes go unanswered. A living peer whose window is closed answers each. */
  get isUnanswered(): boolean {
    return Math.max(this.memory.readUInt8(RETRANSMITS), this.memory.readUInt8(PROBES)) >= UNANSWERED;
  }
}
