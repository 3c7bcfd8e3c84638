import { readFileSync, readlinkSync } from 'node:fs';

/** `kernel.yama.ptrace_scope`: 1 lets only ancestors trace, and processes with the capability. 0 without Yama. */
export function ptraceScope(): number {
  try {
    return Number(readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8'));
  } catch {
    return 0;
  }
}

/** What crashmon may trace, as far as Yama decides it: `never` is for every process until the next boot. */
export type TracingRight = 'any' | 'descendants' | 'none' | 'never';

/** @param hasCapability CAP_SYS_PTRACE, which gdbserver inherits */
export function tracingRight(scope: number, hasCapability: boolean): TracingRight {
  if (scope === 3) return 'never';
  if (scope === 0 || hasCapability) return 'any';
  return scope === 1 ? 'descendants' : 'none';
}

export function ownTracingRight(): TracingRight {
  return tracingRight(ptraceScope(), hasCapability());
}

/** Can a process be traced by its ancestors only? */
export function onlyAncestorsCanTrace(): boolean {
  return ownTracingRight() === 'descendants';
}

/** Is tracing disabled entirely, even for a child? */
export function isTracingDisabled(): boolean {
  return ['none', 'never'].includes(ownTracingRight());
}

/** Does the kernel let us trace a process that we did not start? A seccomp profile or security module can still forbid it. */
export function canTrace(pid: number, right = ownTracingRight()): boolean {
  if (right !== 'any') return false;
  try {
    // The kernel checks the same as for tracing (ptrace(2), PTRACE_MODE_READ).
    readlinkSync(`/proc/${pid}/exe`);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** gdbserver stops threads by a signal: without permission it could neither hold nor leave the worker. */
export function canSignal(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EPERM';
  }
}

const CAP_SYS_PTRACE = 19n;

export function hasCapability(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return ((BigInt(`0x${effective ?? '0'}`) >> CAP_SYS_PTRACE) & 1n) === 1n;
}
