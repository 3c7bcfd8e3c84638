/** Milliseconds of processor time that `work` takes; unlike the time that passes, it does not depend on other processes. */
export function processorMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
