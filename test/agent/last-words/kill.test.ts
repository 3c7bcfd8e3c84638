import assert from 'node:assert/strict';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { listJournals } from '../../../src/journal/list-journals.ts';
import { MAIN } from '../../support/crashmon.ts';
import { assertNothingLeft, processesMarked } from '../../support/leftovers.ts';
import { runProgram } from '../../support/run-program.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { storedExits } from '../../support/stored-exits.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { untilReported } from '../../support/until-reported.ts';
import { exitsOf, run, startRun } from '../run-worker.ts';

const PYTHON = '/usr/bin/python3';
/** Dies once, of an exception; its second life waits for its end. */
const DIES_ONCE = `import os, sys
def total():
    raise KeyError("CANARY")
if os.path.exists("died"):
    print("second life", flush=True)
    sys.stdin.read()
    sys.exit(0)
open("died", "w").close()
total()
`;

async function program(source: string) {
  const app = await temporaryDirectory('app');
  await writeFile(path.join(app.path, 'shop.py'), source);
  return app;
}

test('crashmon is killed between the exit and the report: its successor makes it', async () => {
  await using state = await stateDirectory();
  await using app = await program(DIES_ONCE);
  const watched = { stateDir: state.path, cwd: app.path, command: [PYTHON, 'shop.py'] };
  await using first = startRun({ ...watched, options: ['--restart-delay', '60s'] });
  await first.waitForLine('stderr', /exited unexpectedly/);
  first.kill('SIGKILL');
  await first.exited;
  await using second = startRun({ ...watched, input: 'open' });
  await second.waitForLine('stdout', /second life/);
  const report = await untilReported(state.path);
  assert.deepEqual([report.exceptionType, report.frames[0]?.function], ['KeyError', 'total']);
  assert.equal(storedExits(state.path).length, 1);
  second.kill('SIGTERM');
  await second.exited;
  await assertNothingLeft(state.path);
});

test('the analysis is killed: it is made again', async () => {
  await using state = await stateDirectory();
  await using app = await program(DIES_ONCE);
  const watched = { stateDir: state.path, cwd: app.path, command: [PYTHON, 'shop.py'] };
  await using agent = startRun({ ...watched, input: 'open' });
  assert.ok(await killAnalysis(state.path), 'no analysis was seen');
  const report = await untilReported(state.path);
  assert.equal(report.exceptionType, 'KeyError');
  agent.kill('SIGTERM');
  await agent.exited;
  await assertNothingLeft(state.path);
});

/** Another process starts it: there is no event. */
async function killAnalysis(stateDir: string): Promise<boolean> {
  const deadline = performance.now() + 120_000;
  while (performance.now() < deadline && !storedExits(stateDir).some(({ reported }) => reported)) {
    const found = processesMarked(stateDir).find(({ commandLine }) =>
      /^\S*node\S* .*analysis-process/.test(commandLine),
    );
    if (found !== undefined) {
      try {
        process.kill(found.pid, 'SIGKILL');
        return true;
      } catch {
        return false;
      }
    }
    await delay(2);
  }
  return false;
}

test('without a state directory that works the exit is as before, and nothing is kept', async () => {
  await using state = await stateDirectory();
  await using app = await program(DIES_ONCE);
  const file = path.join(state.path, 'file');
  await writeFile(file, '');
  const { code, stderr } = await run({
    stateDir: state.path,
    options: ['--restart', 'never', '--state-dir', path.join(file, 'none')],
    cwd: app.path,
    command: [PYTHON, 'shop.py'],
  });
  assert.equal(code, 1);
  assert.match(stderr, /KeyError: 'CANARY'/);
  assert.match(stderr, /exit 1: cause not known yet/);
  assert.deepEqual(await readdir(state.path), ['file']);
});

test('where the evidence cannot be kept the exit is recorded as before', async () => {
  await using state = await stateDirectory();
  await using app = await program(DIES_ONCE);
  const options = ['--restart', 'never'];
  const watched = { stateDir: state.path, cwd: app.path, options, command: [PYTHON, 'shop.py'] };
  await run(watched);
  await untilReported(state.path);
  await assertNothingLeft(state.path);
  const [{ directory } = { directory: '' }] = listJournals(state.path);
  const raw = path.join(directory, 'raw');
  await rm(raw, { recursive: true });
  // A file where the directory has to be.
  await writeFile(raw, '');
  await rm(path.join(app.path, 'died'));
  const { stderr } = await run(watched);
  assert.match(stderr, /problem/);
  const [newest] = exitsOf(state.path);
  assert.deepEqual(
    [newest?.counted, newest?.captured, newest?.reason],
    [true, false, 'exit 1: cause unknown'],
  );
});

test('on a disk that is full the worker is restarted, and nothing half written stays', async () => {
  await using state = await stateDirectory();
  await using app = await program(`import os
n = len(os.listdir("lives"))
open("lives/%d" % n, "w").close()
print("life", n, flush=True)
if n >= 3: raise SystemExit(0)
try:
    with open(os.environ["FULL"], "ab", 0) as file:
        while True: file.write(b"x" * 512)
except OSError:
    pass
raise KeyError("CANARY")
`);
  await mkdir(path.join(app.path, 'lives'));
  const disk = path.join(state.path, 'disk');
  const script =
    `mkdir ${disk}; mount -t tmpfs -o size=400k tmpfs ${disk};` +
    `${process.execPath} ${MAIN} run --name app --restart-delay 0 --state-dir ${disk}/state -- ${PYTHON} shop.py;` +
    `find ${disk}/state/apps -path '*/raw/*'`;
  const { code, stdout, stderr } = await runProgram(
    'unshare',
    ['--mount', '--map-root-user', 'bash', '-e', '-c', script],
    { cwd: app.path, env: { CRASHMON_STATE_DIR: state.path, FULL: path.join(disk, 'full') } },
  );
  assert.equal(code, 0, stderr);
  // Nothing raw is listed after the lives.
  assert.equal(stdout, 'life 0\nlife 1\nlife 2\nlife 3\n');
  assert.equal(stderr.match(/^KeyError: 'CANARY'$/gm)?.length, 3);
  assert.match(stderr, /problem: .*(?:full|space)/i);
});
