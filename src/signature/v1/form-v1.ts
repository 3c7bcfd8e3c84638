import { RUNTIME_NAMES } from '../../explain/runtime-words.ts';
import type { CrashFacts } from '../../model/crash-facts.ts';
import type { CrashKind } from '../../model/exit.ts';
import type { RedactedException } from '../../model/redacted-report.ts';
import type { FormedSignature, SignaturePart } from '../formed-signature.ts';
import { chooseFrames, frameText } from './choose-frames.ts';
import { machineFunction } from './machine-name.ts';
import type { NormalFrame } from './normal-frame.ts';
import { typeName } from './script-name.ts';
import { titleOf } from './title.ts';

const MAX_EXCEPTIONS = 10;

/**
 * Version 1: what happened, then the few frames that show where, then its causes. An exit without a stack is grouped by
 * kind and status alone; so is out of memory, since its stack shows only the last allocation.
 */
export function formV1(facts: CrashFacts): FormedSignature {
  const what = whatHappened(facts);
  const usesFrames = facts.kind !== 'out-of-memory' && facts.kind !== 'oom-kill';
  const { frames, parts } = chooseFrames(usesFrames ? facts.frames : [], facts.kind);
  const causes = causeKeys(facts);
  const status = frames.length > 0 || facts.exceptionType !== null ? [] : statusParts(facts);
  const all = [...what, ...status, ...causes];
  return {
    key: [...what, ...status]
      .map(({ text }) => text)
      .concat(
        frames.map(({ key }) => key),
        causes.map(({ text }) => text),
      ),
    title: titleOf(facts, placeOrCause(facts, frames), exceptionTypeOf(facts)),
    parts: [...all, ...parts, ...remarks(facts, frames, usesFrames)],
  };
}

/** Of an exception that shows only the runtime's own calls, what it was caused by says more than any of them. */
function placeOrCause(facts: CrashFacts, frames: readonly NormalFrame[]): string | null {
  const root = (facts.causes ?? []).slice(0, MAX_EXCEPTIONS).at(-1);
  const isRuntimes = frames.length > 0 && frames.every(({ origin }) => origin === 'runtime');
  return isRuntimes && root !== undefined && facts.fault === null
    ? `${RUNTIME_NAMES[facts.runtime?.name ?? 'node']}, caused by ${kindOf(root)}`
    : placeOf(frames);
}

/** For the title: the first that names something. */
function placeOf(frames: readonly NormalFrame[]): string | null {
  const frame =
    frames.find(({ name, role }) => name !== null && role === 'normal') ??
    frames.find(({ name }) => name !== null) ??
    frames[0];
  return frame === undefined ? null : frameText(frame);
}

function whatHappened(facts: CrashFacts): SignaturePart[] {
  const { kind, code, fault } = facts;
  const type = exceptionTypeOf(facts);
  const parts: [string | null, string][] = [
    [FAMILY[kind], 'kind of the crash'],
    [type, 'type of what was thrown'],
    [code, 'its code'],
  ];
  if (fault !== null) {
    parts.push([fault.summary, 'what the fault was']);
    if (kind !== 'stack-overflow') parts.push([fault.addressClass, 'kind of address']);
    parts.push([fault.abortKind, 'why it aborted']);
    if (fault.systemCall !== null) parts.push([`system call ${fault.systemCall}`, 'what was forbidden']);
  }
  return parts.flatMap(([text, why]) =>
    text === null ? [] : [{ used: true, text: text.slice(0, 200), why }],
  );
}

/** Whether a promise stood between throw and death is chance. */
const FAMILY: Readonly<Record<CrashKind, string>> = {
  exception: 'exception',
  rejection: 'exception',
  'stack-overflow': 'stack-overflow',
  'out-of-memory': 'out-of-memory',
  fault: 'fault',
  abort: 'abort',
  exit: 'exit',
  'oom-kill': 'oom-kill',
};

/** A minified class has no lasting name; C++ types go without their arguments. */
function exceptionTypeOf({ exceptionType, fault, kind }: CrashFacts): string | null {
  if (exceptionType === null || kind === 'out-of-memory') return null;
  if (fault === null) return typeName(exceptionType);
  return fault.abortKind === 'uncaught-exception' ? machineFunction(exceptionType) : null;
}

function statusParts({ kind, status, fault }: CrashFacts): SignaturePart[] {
  // These end in several ways without being several causes.
  if (fault !== null || kind === 'out-of-memory' || kind === 'oom-kill' || kind === 'stack-overflow')
    return [];
  if (status.type === 'unknown') return [];
  const text = status.type === 'code' ? `exit code ${status.code}` : status.signal.slice(0, 20);
  return [{ used: true, text, why: 'how the process ended' }];
}

/** Wrapped at one place, different causes are still different: the root of the chain, and kinds of members. */
function causeKeys({ causes = [], members = [] }: CrashFacts): SignaturePart[] {
  const root = causes.slice(0, MAX_EXCEPTIONS).at(-1);
  const kinds = new Set(members.slice(0, MAX_EXCEPTIONS).map(kindOf));
  return [
    ...(root === undefined ? [] : [{ used: true, text: rootText(root), why: 'what it was caused by' }]),
    ...[...kinds]
      .sort()
      .slice(0, 3)
      .map((text) => ({ used: true, text, why: 'a member of the aggregate' })),
  ];
}

function kindOf({ exceptionType, code }: RedactedException): string {
  return [typeName(exceptionType) ?? 'a thrown value', ...(code === null ? [] : [code])].join(' ');
}

function rootText(root: RedactedException): string {
  const place = placeOf(
    chooseFrames(root.frames, 'exception').frames.filter(({ origin }) => origin === 'app'),
  );
  return `${kindOf(root)}${place === null ? '' : ` in ${place}`}`;
}

function remarks(facts: CrashFacts, frames: readonly NormalFrame[], usesFrames: boolean): SignaturePart[] {
  const remark = (text: string, why: string) => [{ used: false, text, why }];
  if (!usesFrames && facts.frames.length > 0) {
    return remark('the call stack', 'out of memory: the stack shows only the last allocation, not the cause');
  }
  if (facts.kind === 'oom-kill' || facts.kind === 'out-of-memory') return [];
  if (frames.length === 0) {
    return remark(
      'no call stack',
      'all crashes without a stack and with the same exit are in this group, whatever their causes',
    );
  }
  if (frames.every(({ name }) => name === null)) {
    return remark(
      'no lasting names',
      'with source maps or debug information, such crashes could be distinguished',
    );
  }
  return [];
}
