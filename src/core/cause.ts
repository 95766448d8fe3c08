/**
 * How a connection ended, in HAProxy's two letters (its configuration manual, "Session state at disconnection").
 * The first says by what: C client, S server, P the proxy's own rules, R a resource ran out, D the backend was marked
 * down, K killed by the operator, c and s a timeout of the client or the server, - none of them. The second says when:
 * R before a backend was asked for, Q while waiting for one, C while connecting, D while data flowed, L after the server
 * had sent its last byte, - after the end; and two of our own, F after one direction had ended, U unacknowledged.
 */
export const CAUSES = {
  '--': 'both sides finished',
  PR: 'denied by the access rules, by a limit for each client, or for its first bytes',
  CR: 'the client left before a backend was asked for',
  cR: 'the PROXY header or the hello did not come within accept_proxy_timeout or read_timeout',
  PC: 'the server or every backend is at its max_connections',
  SC: 'no backend is available, or no backend that was tried could be reached',
  sC: 'the last backend tried did not answer within backend_connection_timeout',
  PQ: 'as many clients were waiting as queue_size or queue_per_client allows',
  sQ: 'waited for queue_timeout, and no backend had a place',
  CQ: 'the client left while it waited for a backend',
  KQ: 'cut by a stop, a removal or an operator while it waited for a backend',
  CC: 'the client left before a backend was connected',
  KC: 'cut by a stop, a removal or an operator before a backend was connected',
  RC: 'descriptors, ports or memory ran out',
  CD: 'the client reset the connection',
  SD: 'the backend reset the connection',
  cD: 'nothing moved on the client side for client_idle_timeout',
  sD: 'nothing moved on the backend side for backend_idle_timeout',
  cF: 'nothing moved on the client side for client_fin_timeout after one direction had ended',
  sF: 'nothing moved on the backend side for backend_fin_timeout after one direction had ended',
  cU: 'the client vanished: nothing was acknowledged and no probe answered',
  sU: 'the backend vanished: nothing was acknowledged and no probe answered',
  KD: 'cut by a stop, a removal, the drain timeout or an operator',
  DD: 'the backend was marked down, and on_down says "close"',
  CL: 'the client reset the connection after the backend had finished',
  cL: 'the client side fell idle after the backend had finished',
  sL: 'the backend side fell idle after it had finished sending',
  SL: 'the backend reset the connection after it had finished sending',
  DL: 'the backend was marked down after it had finished, and on_down says "close"',
  KL: 'cut by a stop, a removal, the drain timeout or an operator after the backend had finished',
} as const;

export type Cause = keyof typeof CAUSES;

/** In a fixed order: the place of a cause here is its column in the ledger. */
export const CAUSE_CODES = Object.keys(CAUSES) as readonly Cause[];
