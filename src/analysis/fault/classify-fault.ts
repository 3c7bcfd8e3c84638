import { Fields } from '../../formats/elf/fields.ts';
import { MACHINES, register } from '../../formats/elf/machine.ts';
import { mappingAt } from '../../formats/elf/mapping-at.ts';
import type { ReadBytes } from '../../formats/elf/memory-reader.ts';
import { parseSignalInfo, SI_KERNEL, type SignalInfo } from '../../formats/procfs/signal-info.ts';
import type { AbortKind, FaultClassification, FaultSummary } from '../../model/fault.ts';
import type { ProcessSnapshot } from '../../model/process-snapshot.ts';
import { abortKindOf } from './abort-kind.ts';
import { readAbortMessage } from './abort-message.ts';
import { type AccessVerdict, classifySegv, type Pointers } from './classify-segv.ts';
import { findCxxException } from './cxx-exception.ts';

/** Signal numbers of Linux on x86-64 and arm64 (signal(7)). */
const SIGILL = 4;
const SIGTRAP = 5;
const SIGABRT = 6;
const SIGBUS = 7;
const SIGFPE = 8;
const SIGSEGV = 11;
const SIGSYS = 31;

/** `si_code` of SIGBUS (sigaction(2)). */
const BUS_ADRALN = 1;
const BUS_ADRERR = 2;
const BUS_MCEERR_AR = 4;
const BUS_MCEERR_AO = 5;
const SYS_SECCOMP = 1;
/** Sent by tgkill(2), which raise(3) uses. */
const SI_TKILL = -6;

/** Meanings of `si_code` of SIGFPE, by number. */
const ARITHMETIC: readonly FaultSummary[] = [
  'arithmetic',
  'integer-division',
  'integer-overflow',
  ...Array<FaultSummary>(6).fill('floating-point'),
];

/**
 * Classifies the fault of a process from a snapshot. Needs its memory or a full core: a trimmed core has neither glibc's
 * message nor exceptions. Never throws; unknown parts are null.
 */
export function classifyFault(snapshot: ProcessSnapshot): FaultClassification {
  const { signal } = snapshot;
  const info = signalInfoOf(snapshot);
  const pointers = pointersOf(snapshot);
  const nothing: FaultClassification = {
    kind: signal === SIGABRT ? 'abort' : 'fault',
    summary: 'other-signal',
    signal,
    siCode: info?.code ?? null,
    faultAddress: null,
    addressClass: null,
    systemCall: null,
    abortKind: null,
    abortText: null,
    cxxExceptionType: null,
  };
  if (signal === SIGABRT) return { ...nothing, ...classifyAbort(snapshot, info, pointers) };
  if (info === null) return { ...nothing, summary: SUMMARY_BY_SIGNAL.get(signal) ?? 'other-signal' };
  // Processes send negative codes and SI_USER; the kernel uses positive ones.
  if (info.code <= 0) return { ...nothing, summary: 'sent-signal' };
  if (signal === SIGSEGV && pointers !== null) {
    return { ...nothing, ...classifySegv(snapshot, info.code, info.faultAddress ?? 0n, pointers) };
  }
  if (signal === SIGBUS) return { ...nothing, ...classifyBus(snapshot, info) };
  if (signal === SIGSYS) {
    const summary = info.code === SYS_SECCOMP ? 'forbidden-system-call' : 'bad-system-call';
    return { ...nothing, summary, systemCall: info.systemCall?.number ?? null };
  }
  if (signal === SIGFPE) {
    const summary = ARITHMETIC[info.code] ?? 'arithmetic';
    return { ...nothing, summary, faultAddress: info.faultAddress };
  }
  const faultAddress =
    info.code !== SI_KERNEL && [SIGILL, SIGTRAP].includes(signal) ? info.faultAddress : null;
  return { ...nothing, summary: SUMMARY_BY_SIGNAL.get(signal) ?? 'other-signal', faultAddress };
}

/** Kind of a signal whose code adds nothing. */
const SUMMARY_BY_SIGNAL: ReadonlyMap<number, FaultSummary> = new Map([
  [SIGILL, 'illegal-instruction'],
  [SIGTRAP, 'trap'],
  [SIGBUS, 'bus-error'],
  [SIGFPE, 'arithmetic'],
  [SIGSEGV, 'bad-access'],
  [SIGSYS, 'bad-system-call'],
]);

function classifyAbort(
  snapshot: ProcessSnapshot,
  info: SignalInfo | null,
  pointers: Pointers | null,
): Pick<FaultClassification, 'summary'> & Partial<FaultClassification> {
  // abort(3) signals its own thread. From another process, SIGABRT is just a signal.
  const ownThread = info === null || info.code > 0 || info.code === SI_TKILL;
  if (!ownThread && info.senderPid !== snapshot.pid) return { summary: 'sent-signal' };
  const read: ReadBytes = (address, length) => snapshot.readMemory(address, length);
  const abortText = readAbortMessage(snapshot.mappings, read);
  const exception =
    pointers === null ? null : findCxxException(pointers.stackPointer, snapshot.mappings, read);
  let abortKind: AbortKind = exception?.uncaught ? 'uncaught-exception' : 'unknown';
  if (abortText !== null) abortKind = abortKindOf(abortText);
  return { summary: 'abort', abortKind, abortText, cxxExceptionType: exception?.type ?? null };
}

function classifyBus(snapshot: ProcessSnapshot, info: SignalInfo): AccessVerdict {
  const { faultAddress } = info;
  const mapping = faultAddress === null ? null : mappingAt(snapshot.mappings, faultAddress);
  const ofFile = mapping?.name.startsWith('/') === true;
  const addressClass = mapping === null ? 'unmapped' : ofFile ? 'file' : 'memory';
  let summary: FaultSummary = 'bus-error';
  if (info.code === BUS_ADRALN) summary = 'misaligned-access';
  if (info.code === BUS_ADRERR && ofFile) summary = 'truncated-mapping';
  if (info.code === BUS_MCEERR_AR || info.code === BUS_MCEERR_AO) summary = 'memory-failure';
  return { kind: 'fault', summary, faultAddress, addressClass };
}

function signalInfoOf({ siginfo, signal }: ProcessSnapshot): SignalInfo | null {
  const info = siginfo === null ? null : parseSignalInfo(siginfo);
  // If another signal stopped the process before, siginfo describes that one.
  return info?.signal === signal ? info : null;
}

function pointersOf(snapshot: ProcessSnapshot): Pointers | null {
  const layout = MACHINES[snapshot.machine];
  const [crashing] = snapshot.threads;
  if (crashing === undefined || crashing.registers.length < layout.registerCount * 8) return null;
  const registers = new Fields(crashing.registers, 'registers');
  return {
    instructionPointer: register(registers, layout.instructionPointer),
    stackPointer: register(registers, layout.stackPointer),
  };
}
