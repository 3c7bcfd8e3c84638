import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CHECKOUT, SOURCES } from '../../support/crashmon.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { startRun } from '../run-worker.ts';

const HOOK = path.join(CHECKOUT, 'test', 'fixtures', 'agent', 'prints-debugger-loaded.mjs');
/** With so much of an environment `crashmon run` stays the process it is, and with it the hook. */
const MUCH = { PADDING: 'x'.repeat(110_000) };
const LOADED = /^debugger loaded$/m;

/** Crashes once; the worker after it stays. */
function crashOnce(stateDir: string, armAfter: number) {
  const mark = path.join(stateDir, 'crashed');
  const script = `[ -e '${mark}' ] && exec sleep 60; touch '${mark}'; kill -SEGV $$`;
  return startRun({
    stateDir,
    // Whose modules are loaded by name.
    main: SOURCES,
    options: ['--arm-after', String(armAfter), '--restart-delay', '0', '--json'],
    command: ['sh', '-c', script],
    env: { NODE_OPTIONS: `--import=${pathToFileURL(HOOK)}`, ...MUCH },
  });
}

describe('the debugger’s code', () => {
  test('is loaded when the next crash would arm, before a worker is armed', async () => {
    await using state = await stateDirectory();
    await using agent = crashOnce(state.path, 1);
    await agent.waitForLine('stderr', LOADED);
    await agent.waitForLine('stderr', /"event":"started".*"armed":false,"restarts":1/);
    assert.equal(agent.stderr.match(/debugger loaded/g)?.length, 1);
    agent.kill('SIGTERM');
    await agent.exited;
  });

  test('is not loaded while it is farther away', async () => {
    await using state = await stateDirectory();
    await using agent = crashOnce(state.path, 2);
    await agent.waitForLine('stderr', /"event":"started".*"restarts":1/);
    agent.kill('SIGTERM');
    await agent.exited;
    assert.doesNotMatch(agent.stderr, LOADED);
  });
});
