/** Connections that the descriptors of this process allow, counted over all threads. */
export interface DescriptorBudget {
  /** Int32 words OPEN_PAIRS and MOST_PAIRS, shared by all threads; the control plane writes the second. */
  readonly shared: SharedArrayBuffer;
  /** Int32 words WORKERS_…, shared by the threads of an engine; the control plane writes WORKERS_ACCEPTING. */
  readonly workers: SharedArrayBuffer;
  /** One Int32 that its thread alone writes: the pairs that it holds, to be given back should it die. */
  readonly held: SharedArrayBuffer;
}

export const OPEN_PAIRS = 0;
export const MOST_PAIRS = 1;

/** Pairs that the threads hold. */
export const WORKERS_PAIRS = 0;
/** Threads that have binds. */
export const WORKERS_ACCEPTING = 1;
/** Pairs that were accepted ever; wraps. */
export const WORKERS_ACCEPTED = 2;
export const WORKERS_WORDS = 3;
