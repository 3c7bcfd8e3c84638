import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from '../../support/crashmon.ts';
import { importsOf } from '../../support/imports.ts';
import { assertNothingLeft } from '../../support/leftovers.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { startRun } from '../run-worker.ts';

/** Loaded only after an end that crashmon did not see. */
const AFTER_UNSEEN_END = './ends-with-report.ts';

/** All files that a file loads, with what they load. */
function loadedBy(file: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(file) || !existsSync(file)) return seen;
  seen.add(file);
  for (const { specifier, typeOnly } of importsOf(readFileSync(file, 'utf8'))) {
    if (typeOnly || !specifier.startsWith('.') || specifier === AFTER_UNSEEN_END) continue;
    loadedBy(path.resolve(path.dirname(file), specifier), seen);
  }
  return seen;
}

test('the agent leaves last words to the analysis: it loads neither readers nor the proof', () => {
  const source = path.join(CHECKOUT, 'src');
  const inAgent = [...loadedBy(path.join(source, 'agent', 'run-agent.ts'))];
  const inAnalysis = [...loadedBy(path.join(source, 'agent', 'analysis-process.ts'))];
  const readers = /\/(?:formats\/last-words\/|policy\/prove-death|agent\/last-words\/report-)/;
  assert.ok(inAgent.length > 50 && inAnalysis.some((file) => readers.test(file)));
  assert.deepEqual(
    inAgent.filter((file) => readers.test(file)),
    [],
  );
});

test('the next worker starts before the words are read', async () => {
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('app');
  await writeFile(
    path.join(app.path, 'shop.py'),
    'import os, sys\nif os.path.exists("died"): sys.exit(sys.stdin.read())\nos.mkdir("died")\nraise KeyError(1)\n',
  );
  await using agent = startRun({
    stateDir: state.path,
    cwd: app.path,
    options: ['--json', '--restart-delay', '10ms'],
    input: 'open',
    command: ['/usr/bin/python3', 'shop.py'],
  });
  await agent.waitForLine('stderr', /"event":"last-words"/);
  const events = [...agent.stderr.matchAll(/"event":"(ended|started|last-words)"/g)].map(([, name]) => name);
  assert.deepEqual(events, ['started', 'ended', 'started', 'last-words']);
  agent.kill('SIGTERM');
  await agent.exited;
  await assertNothingLeft(state.path);
});
