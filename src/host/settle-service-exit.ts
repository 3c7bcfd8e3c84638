import { deathEvidence, hasOwnLog } from '../agent/last-words/death-evidence.ts';
import type { LiveTail } from '../agent/raw-run.ts';
import { settleExit, UNSEEN_EXIT } from '../agent/settle-exit.ts';
import { mayHaveCore } from '../agent/system-core/core-handler.ts';
import { CrashmonError } from '../model/crashmon-error.ts';
import type { Instant } from '../model/instant.ts';
import type { EndedRun } from '../model/run.ts';
import type { Runtime } from '../model/runtime.ts';
import { MAX_SILENCE_MS } from '../policy/max-silence.ts';
import type { AppParts } from './app-parts.ts';
import type { ServiceCapture } from './capture/service-capture.ts';
import type { FollowedRun } from './followed-runs.ts';
import { runIdOf, runOfStart } from './run-of-start.ts';
import type { ServiceExit } from './source.ts';

type SettleContext = {
  parts: AppParts;
  capture: ServiceCapture | null;
  run: FollowedRun;
  oomKills: number | null;
  diedAt: Instant;
  /** Others wait: nothing is waited for or searched that only explains it. */
  isBehind: boolean;
};

/**
 * Settles an exit as `crashmon run` does.
 * @returns null for one that is in the journal already
 * @throws CrashmonError if it is unknown whether it is
 */
export async function settleServiceExit(
  { start, status, because, endedAtMs, asked, lastWords }: ServiceExit,
  { parts, capture, run, oomKills, diedAt, isBehind }: SettleContext,
): Promise<EndedRun | null> {
  const { memory, commandHash } = parts;
  const runId = runIdOf(start.key);
  const stored = memory.read((journal) => journal.exitsByPrefix(runId));
  if (stored === null) throw new CrashmonError('STATE_DIR_UNUSABLE', 'The journal cannot be read.');
  if (stored.length > 0) return null;
  memory.refreshManual();
  capture?.learned(run.start, run.watch.runtime, run.outlook);
  // Before the words, which can take a while: the agent can be killed.
  const kept = (await capture?.keep(run.start, runId)) ?? null;
  const armed = kept?.armed === true || capture?.keepsMemory(runId, asked ? 0 : (oomKills ?? 0)) === true;
  const all = asked || isBehind ? null : await lastWords().catch(() => null);
  const tail = all === null || status.type !== 'code' ? all : withRecent(all, endedAtMs);
  if (!isBehind) await run.learned;
  const { runtime } = run.watch;
  const isEmpty = tail === null || tail.bytes.length === 0;
  const silenceMs = isEmpty ? null : Math.max(0, endedAtMs - tail.writtenAtMs);
  const canBeExplained = !isBehind && (silenceMs !== null || mayHaveCore(status) || !asked);
  // Searched for in files, if the run ended before it was seen.
  const program = canBeExplained ? run.watch.printedBy : null;
  const canBeElsewhere = (name: Runtime) => mayHaveCore(status) || (!asked && hasOwnLog(name));
  const isExplained = program !== null && (silenceMs !== null || canBeElsewhere(program.runtime));
  const { startedAt } = run;
  return settleExit(parts, {
    ...UNSEEN_EXIT,
    ...{ run: runOfStart(start, { commandHash, armed, startedAt }), status, diedAt },
    ...{ endedAtMs, oomKills, stderr: tail },
    // The supervisor does not say with which signal.
    asked: asked ? { what: 'stop', signal: null } : null,
    runtime,
    death: isExplained ? { ...deathEvidence(program, status, silenceMs), ...recentOf(tail) } : null,
    native: kept?.fault ?? null,
    heldDump: kept?.heldDump ?? null,
    harmed: capture?.wasHarmful(run.start, status, tail?.bytes ?? null) ?? false,
    supervisor: { because, isEndRead: kept?.isRead ?? false },
  });
}

/** After a fatal signal a process can live on for seconds, while the kernel writes its core. */
function withRecent(tail: LiveTail, endedAtMs: number): LiveTail {
  const recentBytes = tail.writtenSince?.(endedAtMs - MAX_SILENCE_MS);
  return recentBytes === undefined ? tail : { ...tail, recentBytes };
}

function recentOf(tail: LiveTail | null): { recentBytes?: number } {
  return tail?.recentBytes === undefined ? {} : { recentBytes: tail.recentBytes };
}
