import type { CandidateEvidence, CrashKind, ExitEvidence, ExitStatus, ExitVerdict } from '../model/exit.ts';
import { classifySignal, SIGNAL_BY_NUMBER } from './classify-signal.ts';
import { counted, masked, notCounted, suspected } from './exit-verdict.ts';

/**
 * The exit taxonomy: does this exit count as a crash, of which kind, and why. Pure; the reason is a sentence for
 * people and holds nothing of what the worker wrote.
 * Source: the table of measured deaths in docs/exits.md.
 */
export function classifyExit(status: ExitStatus, evidence: ExitEvidence): ExitVerdict {
  if (evidence.asked !== null) return classifyAsked(status, evidence.asked);
  switch (status.type) {
    case 'unknown':
      return classifyUnknown(evidence);
    case 'signal':
      return classifySignal(status.signal, evidence, '');
    case 'code':
      return classifyCode(status.code, evidence);
  }
}

function classifyAsked(status: ExitStatus, asked: { what: 'stop' | 'restart'; signal: string }): ExitVerdict {
  const how =
    status.type === 'code'
      ? `exit ${status.code}`
      : status.type === 'signal'
        ? status.signal
        : 'exit status unknown';
  const what = asked.what === 'stop' ? 'stopped on request' : 'restarted on request';
  return notCounted(`${what} (${asked.signal} was passed on, then ${how})`);
}

function classifyCode(code: number, evidence: ExitEvidence): ExitVerdict {
  const { candidate } = evidence;
  if (code === 0 && evidence.v8OutOfMemory && evidence.runtime !== 'other') {
    // Some images end so (docker-node#1340); nothing but a death prints V8's last words at the very end.
    return counted('out-of-memory', 'exit 0, but V8 had reported an exhausted heap on standard error');
  }
  if (code === 0) {
    return candidate !== null && isThrown(candidate)
      ? masked(
          thrownKind(candidate),
          'exit 0, though an exception nobody handled was recorded right before: a masked crash',
        )
      : notCounted('exit 0: ended normally');
  }
  const viaShell = code > 128 ? SIGNAL_BY_NUMBER.get(code - 128) : undefined;
  // Servers end with 130 or 143 themselves after SIGINT or SIGTERM; other such codes are a shell's unless the probe
  // saw process.exit().
  const stopCode = viaShell === 'SIGINT' || viaShell === 'SIGTERM';
  const shellCode =
    candidate === null || candidate.event === 'abort' || (stopCode && candidate.event === 'exit');
  if (viaShell !== undefined && shellCode) {
    return classifySignal(viaShell, evidence, `exit ${code}, as a shell reports `);
  }
  if (evidence.v8OutOfMemory) {
    return counted('out-of-memory', `exit ${code}, and V8 reported an exhausted heap on standard error`);
  }
  if (candidate !== null && tellsCause(candidate, code, evidence.nodeTrailer)) {
    return candidateVerdict(candidate, code);
  }
  // Package managers and shells may exit with a code of their own for it.
  if (evidence.native !== null) {
    return counted(evidence.native.kind, `exit ${code}, after the main process had died of a signal`);
  }
  if (code === 7 && evidence.runtime === 'node') {
    return counted('exception', "exit 7: an exception was thrown in the app's own uncaughtException handler");
  }
  if (evidence.nodeTrailer) {
    return counted(
      'exception',
      `exit ${code}, and standard error ends with Node's report of an exception nobody handled`,
    );
  }
  return suspected('exit', unprovenReason(code, evidence.runtime));
}

/**
 * A call of exit is not the cause where a start script ends with the code of the process that it started, nor where Node
 * gives up on a top-level await (Node 22 and later set the exit code for it).
 */
export function tellsCause(candidate: CandidateEvidence, code: number, nodeTrailer: boolean): boolean {
  return candidate.event !== 'exit' || !(nodeTrailer || (code === 13 && candidate.byNode));
}

function candidateVerdict(candidate: CandidateEvidence, code: number): ExitVerdict {
  const exit = `exit ${code}`;
  switch (candidate.event) {
    case 'uncaught':
      return code === 7
        ? counted(
            thrownKind(candidate),
            `${exit}: an exception was thrown, and the app's own uncaughtException handler threw as well`,
          )
        : counted(
            thrownKind(candidate),
            candidate.stackOverflow ? `${exit}: call stack exhausted` : `${exit}: unhandled exception`,
          );
    case 'rejection':
      return counted(
        thrownKind(candidate),
        candidate.whileLoading
          ? `${exit}: an ES module failed while it was loaded`
          : `${exit}: unhandled promise rejection`,
      );
    case 'handled-rejection':
      return counted(
        thrownKind(candidate),
        `${exit}: unhandled promise rejection, after which the app's own listener ended the process`,
      );
    case 'abort':
      return counted('abort', `${exit}, after process.abort() was called`);
    case 'exit':
      return suspected(
        'exit',
        `${exit}: the app ended itself with an error code (process.exit or process.exitCode)`,
      );
  }
}

function unprovenReason(code: number, runtime: ExitEvidence['runtime']): string {
  if (runtime === 'node') {
    if (code === 13) return 'exit 13: Node gave up on a top-level await that never settled';
    if (code === 9) return 'exit 9: Node was started with an option that it does not know';
  }
  if (code === 126) return 'exit 126: the command could not be executed';
  if (code === 127) return 'exit 127: the command was not found';
  return `exit ${code}: cause unknown`;
}

function classifyUnknown(evidence: ExitEvidence): ExitVerdict {
  const away = 'ended while crashmon was not its parent';
  if (evidence.candidate !== null && evidence.candidate.event !== 'exit') {
    const { candidate } = evidence;
    const kind = candidate.event === 'abort' ? 'abort' : thrownKind(candidate);
    return counted(kind, `${away}; the probe had recorded ${what(candidate)}`);
  }
  if (evidence.native !== null) {
    return counted(evidence.native.kind, `${away}; its debugger saw it die of a signal`);
  }
  if (evidence.v8OutOfMemory) {
    return counted('out-of-memory', `${away}; V8 reported an exhausted heap on standard error`);
  }
  if (evidence.nodeTrailer) {
    return counted(
      'exception',
      `${away}; standard error ends with Node's report of an exception nobody handled`,
    );
  }
  if (evidence.candidate !== null) {
    return suspected('exit', `${away}; the probe had recorded process.exit() with a code other than 0`);
  }
  return notCounted(`${away}; nothing shows that it crashed`);
}

function what(candidate: CandidateEvidence): string {
  if (candidate.event === 'abort') return 'process.abort()';
  return candidate.event === 'uncaught' || candidate.whileLoading
    ? 'an unhandled exception'
    : 'an unhandled promise rejection';
}

function isThrown(candidate: CandidateEvidence): boolean {
  return candidate.event !== 'exit' && candidate.event !== 'abort';
}

function thrownKind(candidate: CandidateEvidence): CrashKind {
  if (candidate.stackOverflow) return 'stack-overflow';
  return candidate.event === 'uncaught' || candidate.whileLoading ? 'exception' : 'rejection';
}
