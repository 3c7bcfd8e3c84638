import { readFileSync } from 'node:fs';

/** Who may trace whom (`kernel.yama.ptrace_scope`): 1 lets only parents, and who has the capability. 0 without Yama. */
export function ptraceScope(): number {
  try {
    return Number(readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8'));
  } catch {
    return 0;
  }
}
