import type { DumpFacts } from '../model/dump.ts';
import type { PublicDump, PublicSession } from '../model/public-session.ts';
import type { SessionRecord } from '../model/session.ts';
import { crashUid } from './publish-crash.ts';

/** Without its store, its key and the user who started it. */
export function publishSession(
  { session, progress }: SessionRecord,
  { state, endsAtMs }: Pick<PublicSession, 'state' | 'endsAtMs'>,
): PublicSession {
  const { id, startedAt, maxDumps, account = null } = session;
  const kept = progress?.session === id ? progress.kept.length : 0;
  return { id, startedAtMs: startedAt.wallMs, endsAtMs, state, maxDumps, kept, account };
}

/** That it is there, and how its process ended: no path, no module, no byte of it. The portal has its exception from the report. */
export function publishDump(facts: DumpFacts): PublicDump {
  const { kind, crash, diedAtMs, sizeBytes, encryption, whole, status, keptAtMs, expiresAtMs } = facts;
  return {
    kind,
    crashUid: crashUid({ id: crash, diedAt: { wallMs: diedAtMs } }),
    ...{ sizeBytes, full: whole === 'whole', encrypted: encryption === 'age', status, keptAtMs, expiresAtMs },
  };
}
