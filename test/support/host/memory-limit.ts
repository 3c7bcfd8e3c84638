import type { SystemdHost } from '../systemd-host/systemd-host.ts';

/** A control group of a host, whose processes the kernel kills beyond a size. */
export type MemoryLimit = AsyncDisposable & {
  directory: string;
  /** A process that writes its pid there is in it. */
  procs: string;
};

const ROOT = '/sys/fs/cgroup/memory';

/**
 * One a host. A machine with version 1 of cgroups has no memory limits in version 2: here it is set without systemd.
 * @param unit whose processes are in it; it is stopped at the end
 */
export async function memoryLimit(host: SystemdHost, limitBytes: number, unit: string): Promise<MemoryLimit> {
  const directory = `${ROOT}/${host.name}`;
  await host.must('mkdir', '-p', ROOT);
  await host.must('mount', '-t', 'cgroup', '-o', 'memory', 'cgroup', ROOT);
  await host.must('mkdir', directory);
  await host.must('sh', '-c', `echo ${limitBytes} >${directory}/memory.limit_in_bytes`);
  return {
    ...{ directory, procs: `${directory}/cgroup.procs` },
    async [Symbol.asyncDispose]() {
      await host.run('systemctl', 'stop', unit);
      await host.must('rmdir', directory);
    },
  };
}
