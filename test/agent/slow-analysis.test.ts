import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { startAnalyses } from '../../src/agent/analysis-guard.ts';
import { openJournal } from '../../src/journal/open-journal.ts';
import { createRaw } from '../../src/journal/raw-capture.ts';
import { acquireSlot } from '../../src/journal/slot.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { sampleExit, stateWith } from '../support/journal/sample-run.ts';
import { assertNothingLeft, leftovers } from '../support/leftovers.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { run } from './run-worker.ts';

const NEVER = path.join(CHECKOUT, 'test/fixtures/agent/never-analyses.cjs');

test('an analysis that takes too much is ended: nothing raw stays, also if no process waits for it, and what was printed is logged', async () => {
  await using state = await stateDirectory();
  using slot = acquireSlot(state.path, 'shop', 'host');
  using journal = openJournal(slot.directory, { app: 'shop', instance: 'host' }, Date.now());
  const tasks = [1, 2].map((number) => {
    const captured = number === 1;
    const ended = sampleExit(number, { armed: true, captured });
    journal.recordExit(ended, stateWith(1));
    const raw = createRaw(slot.directory, ended.id);
    writeFileSync(path.join(raw, 'record-1.json'), '{"secret":"words"}');
    writeFileSync(path.join(raw, 'stderr-0'), 'what it printed\n');
    const names = { app: 'shop', instance: 'host', appRoot: '/', workspaceRoot: null };
    return { raw, captured, task: { ...names, directory: slot.directory, runId: ended.id, dumpFd: null } };
  });
  const nodeOptions = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = `--require ${NEVER}`;
  // In processor time: one that only waits for a processor goes on.
  const limits = { cpuSeconds: 1, longestMs: 3_600_000 };
  const guard = startAnalyses(
    tasks.map(({ task }) => task),
    limits,
  );
  if (nodeOptions === undefined) delete process.env.NODE_OPTIONS;
  else process.env.NODE_OPTIONS = nodeOptions;
  assert.deepEqual(await once(guard, 'exit'), [1, null]);
  for (const { raw, captured, task } of tasks) {
    assert.equal(existsSync(raw), false);
    const [exit] = journal.exitsByPrefix(task.runId);
    assert.deepEqual(exit?.analysisProblem ?? null, captured ? { code: 'analysis-timed-out' } : null);
  }
  const logs = path.join(slot.directory, 'crashdumps');
  const [log = '', ...others] = readdirSync(logs);
  assert.deepEqual(others, []);
  assert.match(readFileSync(path.join(logs, log), 'utf8'), /what it printed/);
  journal.close();
  await assertNothingLeft(state.path);
});

test('with --restart never crashmon ends before the analysis, and nothing raw stays', async () => {
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('big-map');
  // Legal, and far more than any bundle has: 30 MB of mappings.
  const line = 'AAAA,CAAC,'.repeat(1000);
  const map = {
    version: 3,
    sources: ['server.ts'],
    names: [],
    mappings: `${line};`.repeat(3_000),
  };
  await writeFile(
    path.join(app.path, 'server.js'),
    'setTimeout(() => { throw new TypeError("private words"); }, 300);\n//# sourceMappingURL=server.js.map\n',
  );
  await writeFile(path.join(app.path, 'server.js.map'), JSON.stringify(map));
  const options = ['--arm-after', '0', '--restart', 'never'];
  const { code } = await run({
    stateDir: state.path,
    options,
    cwd: app.path,
    command: [process.execPath, 'server.js'],
  });
  assert.equal(code, 1);
  assert.notDeepEqual(
    leftovers(state.path).files,
    [],
    'crashmon is gone, and the capture is not analyzed yet',
  );
  await assertNothingLeft(state.path);
});
