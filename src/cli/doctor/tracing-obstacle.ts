import type { AttachFailure } from '../../debugger/attach-failure.ts';
import { hasCapability, ptraceScope } from '../../debugger/ptrace-scope.ts';

/** Whether a process can trace another one of the same user (ptrace(2), capabilities(7)). */
export type TracingFacts = {
  /** `kernel.yama.ptrace_scope`, 0 to 3; 0 on a kernel without Yama. */
  ptraceScope: number;
  /** CAP_SYS_PTRACE of this process. */
  hasCapability: boolean;
};

const GRANT =
  'give crashmon CAP_SYS_PTRACE (Docker: --cap-add SYS_PTRACE; systemd: AmbientCapabilities=CAP_SYS_PTRACE)';

export function readTracingFacts(): TracingFacts {
  return { ptraceScope: ptraceScope(), hasCapability: hasCapability() };
}

/** Why a trial process could not be traced, and what to do. */
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
          'Another program already traces what crashmon starts (strace -f, a debugger). Linux allows one tracer per process.',
        advice: 'Stop that program; crashmon attaches as soon as the worker is free.',
      };
    case 'no-gdbserver':
    case 'protocol':
      return { message: `Cannot attach a debugger: ${message}.`, advice: 'Run: apt install gdbserver' };
    default:
      return {
        message: `A trial crash of native code was not captured: ${message}.`,
        advice: 'Please report this with the output of --json.',
      };
  }
}

function notPermitted({ ptraceScope, hasCapability }: TracingFacts): { message: string; advice: string } {
  const because = (meaning: string) =>
    `Cannot attach a debugger: ${meaning} (kernel.yama.ptrace_scope is ${ptraceScope}).`;
  if (ptraceScope === 3) {
    return {
      message: because('ptrace is disabled until reboot'),
      advice: 'Set it to 0 where it is configured (/etc/sysctl.d), and reboot.',
    };
  }
  if (!hasCapability && ptraceScope === 1) {
    const meaning = 'a seccomp profile or security module blocks even tracing of child processes';
    const advice = `Allow the system call ptrace (Docker: --security-opt seccomp=<profile>). Or ${GRANT}.`;
    return { message: because(meaning), advice };
  }
  if (!hasCapability && ptraceScope === 2) {
    const advice = `Run: sysctl kernel.yama.ptrace_scope=0. Or ${GRANT}.`;
    return { message: because('tracing requires CAP_SYS_PTRACE'), advice };
  }
  if (!hasCapability) {
    return {
      message:
        'Cannot attach a debugger: the kernel does not allow it, e.g. in a container without CAP_SYS_PTRACE.',
      advice: `${GRANT[0]?.toUpperCase()}${GRANT.slice(1)}.`,
    };
  }
  return {
    message:
      'Cannot attach a debugger although crashmon has CAP_SYS_PTRACE: a seccomp profile or security module blocks it.',
    advice: 'Allow the system calls ptrace and process_vm_readv (Docker: --security-opt seccomp=<profile>).',
  };
}
