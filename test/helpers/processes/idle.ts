const IDLE_MS = 200;

/** Processor time of this process by wall-clock time, while it waits for nothing. */
export async function idleCpuShare(): Promise<number> {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1000 / (performance.now() - wall);
}
