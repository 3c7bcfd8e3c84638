import type { FaultClassification } from '../../src/model/fault.ts';
import { matrix, tested } from '../support/matrix.ts';

export const DEBUG = ['-g', '-O0'];
export const STRIPPED = ['-O2', '-fomit-frame-pointer', '-s'];
const STATIC = ['-O1', '-g', '-static-pie'];

export type Crash = {
  /** Of `test/fixtures/native/`; a script runs on the Node.js of the test. */
  fixture: string;
  args: readonly string[];
  flags: readonly string[];
  /** What the classification must say; what is not named may be anything. */
  expected: Partial<FaultClassification>;
  /** Its executable is copied and may be deleted. */
  own?: true;
  /** Its build, and its way to die, are those of others. */
  isRepeated?: true;
};

const crash = (
  fixture: string,
  args: string,
  flags: readonly string[],
  expected: Partial<FaultClassification>,
): Crash => ({ fixture, args: args === '' ? [] : args.split(' '), flags, expected });

const nullAccess = { kind: 'fault', summary: 'null-access', signal: 11, addressClass: 'null' } as const;
const overflow = { kind: 'stack-overflow', summary: 'stack-overflow', addressClass: 'stack-guard' } as const;
const jump = (addressClass: FaultClassification['addressClass']) =>
  ({ kind: 'fault', summary: 'bad-jump', addressClass }) as const;
const abort = (abortKind: FaultClassification['abortKind']) =>
  ({ kind: 'abort', summary: 'abort', signal: 6, abortKind }) as const;
const uncaught = (cxxExceptionType: string) => ({ ...abort('uncaught-exception'), cxxExceptionType });
const PAYMENT_ERROR = 'N3app12PaymentErrorE';

/** Every way to die a native death, in builds that differ for an unwinder. */
export const CRASHES: readonly Crash[] = [
  crash('reads-null.c', '', DEBUG, nullAccess),
  crash('reads-null.c', '', STRIPPED, nullAccess),
  crash('reads-null.c', '', STATIC, nullAccess),
  crash('overflows-stack.c', 'main small', DEBUG, overflow),
  { ...crash('overflows-stack.c', 'main big', STRIPPED, overflow), isRepeated: true },
  crash('overflows-stack.c', 'thread small', STRIPPED, overflow),
  { ...crash('overflows-stack.c', 'thread big', DEBUG, overflow), isRepeated: true },
  crash('jumps-away.c', 'null', DEBUG, jump('null')),
  { ...crash('jumps-away.c', 'null', STRIPPED, jump('null')), isRepeated: true },
  crash('jumps-away.c', 'data', STRIPPED, jump('not-executable')),
  crash('jumps-away.c', 'wild', DEBUG, jump('unmapped')),
  crash('jumps-away.c', 'non-canonical', STRIPPED, jump('non-canonical')),
  crash('follows-bad-pointer.c', 'wild', STRIPPED, { summary: 'bad-access', addressClass: 'unmapped' }),
  crash('follows-bad-pointer.c', 'non-canonical', DEBUG, {
    summary: 'bad-access',
    addressClass: 'non-canonical',
  }),
  crash('follows-bad-pointer.c', 'read-only', STRIPPED, {
    summary: 'protected-access',
    addressClass: 'read-only',
  }),
  crash('follows-bad-pointer.c', 'misaligned', DEBUG, { summary: 'misaligned-access' }),
  crash('aborts.c', 'abort', STRIPPED, abort('unknown')),
  { ...crash('aborts.c', 'abort', STATIC, abort('unknown')), isRepeated: true },
  crash('aborts.c', 'assert', DEBUG, abort('assertion')),
  crash('aborts.c', 'double-free', DEBUG, abort('double-free')),
  crash('aborts.c', 'invalid-free', STRIPPED, abort('invalid-free')),
  crash('aborts.c', 'corrupt-heap', STRIPPED, abort('heap-corruption')),
  crash('aborts.c', 'smash-stack', ['-g', '-O1', '-fstack-protector-all'], abort('stack-smashing')),
  crash('aborts.c', 'buffer-overflow', ['-g', '-O2', '-D_FORTIFY_SOURCE=2'], abort('buffer-overflow')),
  crash('breaks-the-rules.c', 'divide', STRIPPED, { summary: 'integer-division', signal: 8 }),
  crash('breaks-the-rules.c', 'illegal', DEBUG, { summary: 'illegal-instruction', signal: 4 }),
  crash('breaks-the-rules.c', 'privileged', STRIPPED, { summary: 'privileged-instruction', signal: 11 }),
  crash('breaks-the-rules.c', 'truncated', DEBUG, { summary: 'truncated-mapping', addressClass: 'file' }),
  crash('breaks-the-rules.c', 'system-call', STRIPPED, { summary: 'forbidden-system-call', systemCall: 110 }),
  crash('breaks-the-rules.c', 'trap', DEBUG, { summary: 'trap', signal: 5 }),
  crash('breaks-the-rules.c', 'kill', STRIPPED, { summary: 'sent-signal', siCode: 0 }),
  crash('corrupts-own-stack.c', '', ['-g', '-O0', '-fno-stack-protector'], jump('non-canonical')),
  crash('crashes-in-handler.c', '', DEBUG, nullAccess),
  { ...crash('crashes-in-handler.c', '', STATIC, nullAccess), isRepeated: true },
  crash('crashes-in-handler.c', 'same-stack', STRIPPED, nullAccess),
  crash('crashes-in-coroutine.c', '', DEBUG, nullAccess),
  { ...crash('crashes-among-threads.c', '1', DEBUG, nullAccess), isRepeated: true },
  crash('crashes-among-threads.c', '64', STRIPPED, nullAccess),
  crash('crashes-while-loading.c', '', STRIPPED, nullAccess),
  { ...crash('crashes-deleted.c', '', STRIPPED, nullAccess), own: true },
  crash('holds-memory.c', '200', DEBUG, nullAccess),
  crash('throws-uncaught.cpp', 'own', STRIPPED, uncaught(PAYMENT_ERROR)),
  {
    ...crash('throws-uncaught.cpp', 'standard', DEBUG, uncaught('St12out_of_range')),
    isRepeated: true,
  },
  crash('throws-uncaught.cpp', 'rethrown', STRIPPED, uncaught(PAYMENT_ERROR)),
  crash('throws-uncaught.cpp', 'noexcept', DEBUG, uncaught(PAYMENT_ERROR)),
  crash('throws-uncaught.cpp', 'handled', STRIPPED, abort('unknown')),
  crash('throws-uncaught.cpp', 'forgotten', STRIPPED, { ...abort('unknown'), cxxExceptionType: null }),
  crash('crashes-inlined.cpp', '', ['-g', '-O2'], nullAccess),
  crash('kills-itself.cjs', '', [], { summary: 'sent-signal', signal: 11 }),
];

/** Made of a full core, or captured by a debugger, which sees a script only as Node. */
export type CoreSource = 'full core' | 'debugger';

const CASES = matrix(
  tested(CRASHES),
  ['full core', 'debugger'] as const,
  ({ fixture }, source) => source === 'full core' || !fixture.endsWith('.cjs'),
);

export function crashesFrom(source: CoreSource): readonly Crash[] {
  return CASES.filter(([, each]) => each === source).map(([each]) => each);
}
