import type { CrashKind, ExitVerdict } from '../model/exit.ts';

/** An exit that proves to be a crash. */
export function counted(kind: CrashKind, reason: string): ExitVerdict {
  return { counted: true, suspected: false, kind, reason };
}

/** An exit that proves nothing but was not asked for either: it counts. */
export function suspected(kind: CrashKind, reason: string): ExitVerdict {
  return { counted: true, suspected: true, kind, reason };
}

export function notCounted(reason: string): ExitVerdict {
  return { counted: false, suspected: false, kind: null, reason };
}

/** A crash that the app itself made a normal end of. */
export function masked(kind: CrashKind, reason: string): ExitVerdict {
  return { counted: false, suspected: false, kind, reason };
}
