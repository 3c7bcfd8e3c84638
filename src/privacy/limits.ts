/** How much of each list a redacted report holds at most; more is left out, and refused when a report is read back. */
export const MAX_FRAMES = 100;
export const MAX_CAUSES = 8;
export const MAX_MEMBERS = 10;
/** Members within members. */
export const MAX_DEPTH = 3;
export const MAX_PROBLEMS = 50;
/** Groups of threads with the same stack. */
export const MAX_THREAD_GROUPS = 32;
export const MAX_THREAD_FRAMES = 32;
/** More threads than a kernel can have. */
export const MAX_THREADS = 10_000_000;
/** No name, version or sentence of a report is longer. */
export const MAX_TEXT = 1000;

/** Senders of signals choose codes as they like, and a kernel's are few: what is beyond is data. */
export const SIGNAL_CODES = { from: -128, to: 0xffff } as const;
/** Beyond any system call's number it would be what some register held. */
export const SYSTEM_CALLS = { from: 0, to: 4095 } as const;
