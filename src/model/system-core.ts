import type { NativeFrame } from './native-stack.ts';

/** A program of the system that the kernel gives core dumps to (core(5)), and that reads their stacks at once. */
export type CoreHandler = 'systemd-coredump' | 'abrt';

/** Where the kernel's core dumps go; `other`: a program or a socket that is not known. */
export type CoreTarget = CoreHandler | 'apport' | 'other' | 'file';

/** What a handler found in one core dump. Private. */
export type SystemCore = {
  pid: number;
  /** Without dashes; null if the handler does not say. */
  bootId: string | null;
  /** Absolute path; null if the handler does not say. */
  executable: string | null;
  /** `SIGSEGV`. */
  signal: string;
  /** Of the crash, in whole seconds. */
  atMs: number;
  /** Of the crashing thread, innermost first. Names are as the handler printed them. */
  frames: NativeFrame[];
  /** The handler stopped before the end of the stack. */
  cut: boolean;
};
