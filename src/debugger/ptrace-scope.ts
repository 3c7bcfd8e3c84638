import { readFileSync } from 'node:fs';

/** `kernel.yama.ptrace_scope`: 1 lets only ancestors trace, and processes with the capability. 0 without Yama. */
export function ptraceScope(): number {
  try {
    return Number(readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8'));
  } catch {
    return 0;
  }
}

/** Can a process be traced by its ancestors only? Not if we have the capability, which gdbserver inherits. */
export function onlyAncestorsCanTrace(): boolean {
  return ptraceScope() === 1 && !hasCapability();
}

/** Is tracing disabled entirely, even for a child? */
export function isTracingDisabled(): boolean {
  const scope = ptraceScope();
  return scope === 3 || (scope === 2 && !hasCapability());
}

const CAP_SYS_PTRACE = 19n;

function hasCapability(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
  return ((BigInt(`0x${effective ?? '0'}`) >> CAP_SYS_PTRACE) & 1n) === 1n;
}
