import { readFileSync } from 'node:fs';
import type { AttachFailure } from '../../debugger/attach-failure.ts';

/** What decides whether a process may trace another one of the same user (ptrace(2), capabilities(7)). */
export type TracingFacts = {
  /** `kernel.yama.ptrace_scope`, 0 to 3; null on a kernel without Yama. */
  ptraceScope: number | null;
  /** Do we have CAP_SYS_PTRACE? */
  hasCapability: boolean;
};

const CAP_SYS_PTRACE = 19n;
const GRANT =
  'give crashmon CAP_SYS_PTRACE (Docker: --cap-add SYS_PTRACE; systemd: AmbientCapabilities=CAP_SYS_PTRACE)';

export function readTracingFacts(): TracingFacts {
  const scope = Number.parseInt(textOf('/proc/sys/kernel/yama/ptrace_scope'), 10);
  const effective = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(textOf('/proc/self/status'))?.[1] ?? '0';
  return {
    ptraceScope: Number.isNaN(scope) ? null : scope,
    hasCapability: ((BigInt(`0x${effective}`) >> CAP_SYS_PTRACE) & 1n) === 1n,
  };
}

/** Why a process of ours could not be traced, and what to do about it. */
export function tracingObstacle(
  { failed, message }: AttachFailure,
  facts: TracingFacts,
): { message: string; advice: string } {
  switch (failed) {
    case 'not-permitted':
      return notPermitted(facts);
    case 'already-traced':
      return {
        message:
          'What crashmon starts is traced by another program already (strace -f, a debugger), and a process has one tracer only.',
        advice: 'End that program; crashmon attaches as soon as the worker is free.',
      };
    case 'no-gdbserver':
    case 'protocol':
      return { message: `No debugger can be attached: ${message}.`, advice: 'Run: apt install gdbserver' };
    default:
      return {
        message: `A trial crash of native code was not captured: ${message}.`,
        advice: 'Please report this with the output of --json.',
      };
  }
}

function notPermitted({ ptraceScope, hasCapability }: TracingFacts): { message: string; advice: string } {
  const because = (meaning: string) =>
    `No debugger can be attached: ${meaning} (kernel.yama.ptrace_scope is ${ptraceScope}).`;
  if (ptraceScope === 3) {
    return {
      message: because('nobody may trace any process until the next boot'),
      advice: 'Find who sets it (/etc/sysctl.d), set it to 0 there, and reboot.',
    };
  }
  if (!hasCapability && ptraceScope === 1) {
    const meaning = 'a seccomp profile or security module forbids even what a process’s own parents may do';
    const advice = `Allow the system call ptrace (Docker: --security-opt seccomp=<profile>). Or ${GRANT}.`;
    return { message: because(meaning), advice };
  }
  if (!hasCapability && ptraceScope === 2) {
    const advice = `Run: sysctl kernel.yama.ptrace_scope=0. Or ${GRANT}.`;
    return { message: because('only who has CAP_SYS_PTRACE may trace'), advice };
  }
  if (!hasCapability) {
    return {
      message:
        'No debugger can be attached: the kernel does not permit it, as in a container without CAP_SYS_PTRACE.',
      advice: `${GRANT[0]?.toUpperCase()}${GRANT.slice(1)}.`,
    };
  }
  return {
    message:
      'No debugger can be attached although crashmon has CAP_SYS_PTRACE: a seccomp profile or security module forbids it.',
    advice: 'Allow the system calls ptrace and process_vm_readv (Docker: --security-opt seccomp=<profile>).',
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
