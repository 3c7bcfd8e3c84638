import path from 'node:path';
import { CHECKOUT } from '../crashmon.ts';
import type { SystemdHost } from './systemd-host.ts';

/** Debian's package systemd-coredump, which `scripts/set-up.sh` unpacks. */
const PACKAGE = path.join(CHECKOUT, 'test/debian/systemd-coredump');
const HANDLER = '/lib/systemd/systemd-coredump';
export const SYSTEMD_COREDUMP: string = path.join(PACKAGE, HANDLER);

/**
 * Makes systemd-coredump the handler of core dumps of a host, which must share the checkout. core_pattern is one for the whole
 * machine: here only what the host reads there is changed, and `dumpCore` gives the core dumps to the handler.
 */
export async function handleCores(host: SystemdHost): Promise<void> {
  await host.must('cp', '-r', `${PACKAGE}/lib/.`, '/usr/lib/');
  await host.must('cp', '-r', `${PACKAGE}/usr/.`, '/usr/');
  await host.must('systemd-sysusers');
  await host.must('systemctl', 'daemon-reload');
  await host.must('systemctl', 'start', 'systemd-coredump.socket');
  await readsCorePattern(host, `|${HANDLER} %P %u %g %s %t 9223372036854775808 %h %d`);
}

/** What the agent and commands read on this host from core_pattern; nothing changes for the kernel. */
async function readsCorePattern(host: SystemdHost, pattern: string): Promise<void> {
  const place = '/proc/sys/kernel/core_pattern';
  await host.must('sh', '-c', 'printf "%s\\n" "$1" >/run/core_pattern', 'sh', pattern);
  await host.must('mount', '--bind', '/run/core_pattern', place);
  // Its sandbox has its own /proc.
  await host.must('mkdir', '-p', '/etc/systemd/system/crashmon-agent.service.d');
  await host.units({
    'crashmon-agent.service.d/cores.conf': `[Service]\nBindReadOnlyPaths=/run/core_pattern:${place}\n`,
  });
}

/**
 * Does what the kernel does with a process that a SIGSEGV ends: while it is still there, the handler gets its core and the
 * same arguments; then the signal ends it. gdb writes the core.
 * @param trigger a shell command after which it crashes
 */
export async function dumpCore(host: SystemdHost, pid: string, trigger: string): Promise<void> {
  const script = [
    // As complete as the kernel's: with the headers of files.
    ...['set use-coredump-filter off', 'set dump-excluded-mappings on'],
    ...[`shell ${trigger}`, 'continue', 'generate-core-file /run/core'],
    `shell ${HANDLER} ${pid} 0 0 11 $(date +%s) 9223372036854775808 host 1 </run/core`,
    ...['shell rm /run/core', 'continue', ''],
  ].join('\n');
  await host.must('sh', '-c', 'printf %s "$1" >/run/dump.gdb', 'sh', script);
  await host.must('gdb', '--batch', '-nx', '-p', pid, '-x', '/run/dump.gdb');
}
