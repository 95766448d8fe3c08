/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when it holds, looking again at each turn of the loop: for what nothing tells. */
export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}
