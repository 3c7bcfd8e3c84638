import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { sampleFacts } from '../../../test/support/dumps/sample-dump.ts';
import { temporaryDirectory } from '../../../test/support/journal/temporary-directory.ts';
import { openJournal } from '../../journal/open-journal.ts';
import { stopSession, writeSession } from '../../journal/write-session.ts';
import type { Instant } from '../../model/instant.ts';
import type { AgentEvent } from '../agent-event.ts';
import { Memory } from '../memory.ts';
import { SessionWatch } from './session-watch.ts';

const HOUR = 3_600_000;
const CRASH = '00000000000a';

test('it follows a session to its end, and deletes the dumps whose time is over, by a clock that is moved', async () => {
  using state = temporaryDirectory();
  const store = join(state.path, 'dumps');
  mkdirSync(store, { mode: 0o700 });
  const now: Instant = { wallMs: Date.now(), monotonicMs: 1000, bootId: 'a' };
  const clock = () => ({ ...now });
  using journal = openJournal(state.path, { app: 'shop', instance: 'web-1' }, now.wallMs);
  const events: AgentEvent[] = [];
  const memory = new Memory({ get: () => journal }, clock(), (event) => events.push(event));
  const changes: boolean[] = [];
  const watch = new SessionWatch(
    { memory, clock, emit: (event) => events.push(event) },
    (isRunning) => void changes.push(isRunning),
  );
  const session = {
    ...{ id: '0123456789ab', startedAt: clock(), startedBy: 'ann', endsAtMs: now.wallMs + 24 * HOUR },
    ...{ maxDumps: 2, store, recipient: null, keepMs: HOUR, maxDiskBytes: 1e9, stoppedAtMs: null },
  };
  writeSession(state.path, session);
  watch.review();
  assert.deepEqual([watch.isRunning, changes], [true, [true]]);

  const facts = sampleFacts({ crash: CRASH }, clock(), HOUR);
  const dump = join(store, `${CRASH}.core.zst`);
  journal.keepDump(
    CRASH,
    () => true,
    () => {
      writeFileSync(join(store, `${CRASH}.json`), JSON.stringify(facts));
      writeFileSync(dump, 'x');
    },
  );
  watch.review();
  assert.deepEqual(events, [{ event: 'dump', runId: CRASH, why: null, left: 1 }]);
  assert.ok(existsSync(dump));
  // Its clock was set: only the monotonic one says how long it was kept.
  now.wallMs -= 100 * HOUR;
  now.monotonicMs += 2 * HOUR;
  watch.review();
  while (existsSync(dump)) await turn();
  assert.equal(events.length, 1, 'said once');

  now.wallMs += 900 * HOUR;
  watch.review();
  assert.deepEqual(changes, [true], 'nor does it say when the session ends');
  now.wallMs -= 1900 * HOUR;
  now.monotonicMs += 22 * HOUR;
  watch.review();
  assert.deepEqual(changes, [true, false], 'also where the wall clock was set back');
  Object.assign(now, { bootId: 'b', monotonicMs: HOUR });
  watch.review();
  assert.deepEqual(changes, [true, false], 'and it stays over');
  writeSession(state.path, {
    ...session,
    id: 'ba9876543210',
    startedAt: clock(),
    endsAtMs: now.wallMs + HOUR,
  });
  watch.review();
  stopSession(state.path, now.wallMs);
  watch.review();
  assert.deepEqual(changes, [true, false, true, false]);
  watch.end();
});
