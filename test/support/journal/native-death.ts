import type { CrashReport, NativeCrash } from '../../../src/model/crash-report.ts';
import type { FaultClassification } from '../../../src/model/fault.ts';
import type { Frame } from '../../../src/model/frame.ts';

/** A null pointer in a C++ program that lies below the app's root. */
export function nativeDeath(
  fault: Partial<FaultClassification> = {},
  more: Partial<NativeCrash> = {},
): NativeCrash {
  return {
    fault: {
      kind: 'fault',
      summary: 'null-access',
      signal: 11,
      siCode: 1,
      faultAddress: 0x18n,
      addressClass: 'null',
      systemCall: null,
      abortKind: null,
      abortText: null,
      cxxExceptionType: null,
      ...fault,
    },
    cxxExceptionType: null,
    registers: [
      { name: 'rax', value: '0x18' },
      { name: 'rbx', value: '0x7ffd5a1b2c30' },
      { name: 'rip', value: '0x555555555506' },
      { name: 'eflags', value: '0x10246' },
    ],
    otherThreads: [],
    ...more,
  };
}

export function nativeReport(native: NativeCrash, more: Partial<CrashReport> = {}): CrashReport {
  return {
    id: '3f2a91c40007',
    app: 'shop',
    instance: 'web-1',
    diedAtMs: Date.UTC(2026, 0, 31, 12, 6, 41),
    kind: native.fault.kind,
    signal: native.fault.signal === 6 ? 'SIGABRT' : 'SIGSEGV',
    exception: null,
    causes: [],
    frames: [],
    heap: null,
    native,
    problems: [],
    holdMs: 4,
    runtime: null,
    source: 'capture',
    appRoot: '/srv/shop',
    workspaceRoot: null,
    ...more,
  };
}

/** A frame of the app's own executable; `at` is its offset there. */
export function machineFrame(name: string | null, at: number, more: Partial<Frame> = {}): Frame {
  return {
    function: name,
    file: null,
    line: null,
    column: null,
    module: null,
    inApp: true,
    repeat: 1,
    trust: 'cfi',
    native: place('/srv/shop/bin/server', at),
    ...more,
  };
}

/** A frame of a library of others'. */
export function libraryFrame(
  name: string | null,
  image: string,
  at: number,
  more: Partial<Frame> = {},
): Frame {
  const file = image.slice(image.lastIndexOf('/') + 1);
  return machineFrame(name, at, { module: file, inApp: false, native: place(image, at), ...more });
}

export function place(image: string | null, at: number, inlined = false): NonNullable<Frame['native']> {
  const buildId = image === null ? null : '8f1c04d2b7e95a3366d0c1f2e3a4b5c6d7e8f901';
  return { image, offset: `0x${at.toString(16)}`, buildId, inlined };
}
