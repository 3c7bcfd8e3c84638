import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { crashmon } from '../support/crashmon.ts';
import { isRunning } from '../support/is-running.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { untilShown } from '../support/until-reported.ts';
import { exitsOf, startRun } from './run-worker.ts';

/** Says its process ID, and waits for an order by a FIFO. Its child keeps standard error, which is removed with its last writer. */
const program = (ending: string) => `import os, subprocess, sys
subprocess.Popen(['sleep', '300'])
def pay(code):
    return {}[code]
print("running", os.getpid(), flush=True)
with open("end") as orders:
    orders.read()
${ending}
`;

const ENDINGS = {
  'an uncaught exception': { ending: 'pay("CANARY")', counted: true },
  'an exception that it logged before': {
    ending:
      'import traceback\ntry: pay("CANARY")\nexcept KeyError: traceback.print_exc()\nprint("going on", file=sys.stderr)',
    counted: false,
  },
  'nothing to say': { ending: 'sys.exit(1)', counted: false },
  'an interruption': { ending: 'raise KeyboardInterrupt', counted: false },
};

describe('a worker that ends while crashmon is dead', () => {
  for (const [name, { ending, counted }] of Object.entries(ENDINGS)) {
    test(name, () => endWithout(ending, counted, 'before'));
  }
});

test('a worker that was taken over ends by an uncaught exception', () =>
  endWithout('pay("CANARY")', true, 'after'));

/** @param when the worker ends before the next crashmon starts, or after that took it over */
async function endWithout(ending: string, counted: boolean, when: 'before' | 'after'): Promise<void> {
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('missed');
  await writeFile(path.join(app.path, 'shop.py'), program(ending));
  execFileSync('mkfifo', [path.join(app.path, 'end')]);
  const options = ['--restart-delay', '0', '--restart', 'never'];
  const run = { stateDir: state.path, cwd: app.path, command: ['/usr/bin/python3', 'shop.py'] };
  await using first = startRun({ ...run, options });
  const [, pid = ''] = await first.waitForLine('stdout', /^running (\d+)/);
  // Before that, the next crashmon would not know which of the processes was the worker.
  await first.waitForLine('stderr', /started, pid/);
  first.kill('SIGKILL');
  await first.exited;
  const end = () => writeFile(path.join(app.path, 'end'), 'now');
  if (when === 'before') {
    await end();
    // It is no child of ours: there is no event.
    while (isRunning(Number(pid))) await delay(20);
  }
  await using second = startRun({ ...run, options });
  if (when === 'after') {
    await second.waitForLine('stderr', /taken over/);
    await end();
  } else {
    await second.waitForLine('stdout', /^running/);
    second.kill('SIGTERM');
  }
  await second.exited;
  const missed = exitsOf(state.path).at(-1);
  assert.equal(missed?.counted, counted, missed?.reason);
  if (counted) {
    assert.equal(missed?.reason, "exit status unknown: likely uncaught exception (from Python's own report)");
    const report = await untilShown(state.path, missed?.id);
    assert.deepEqual(
      [report.kind, report.exceptionType, report.source, report.proof],
      ['exit', 'KeyError', 'last-words', 'printed'],
    );
    assert.deepEqual(
      report.frames.map(({ function: called, line }) => [called, line]),
      [
        ['pay', 4],
        ['<module>', 8],
      ],
    );
    const { stdout } = await crashmon(['crashes'], { stateDir: state.path });
    assert.match(stdout, /suspected/);
    assert.doesNotMatch(stdout, /CANARY/);
  }
  await assertNothingLeft(state.path);
}
