import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { MAIN } from '../support/crashmon.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { type ProgramResult, runProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';

const RUN = `${process.execPath} ${MAIN} run --restart-delay 0`;
const AS_USER = 'setpriv --reuid=12345 --regid=12345 --clear-groups';

/** Crashes once and says so on both streams, then ends well. */
const WORKER = `sh -c 'echo ran; echo words >&2; exit 3'`;

/** Runs a shell script in a mount namespace of its own. */
function inNamespace(script: string, env: Record<string, string | undefined>): Promise<ProgramResult> {
  return runProgram('unshare', ['--mount', 'bash', '-e', '-c', script], { env, cwd: '/' });
}

const CASES: Record<string, { script: string; stateDir?: boolean; problem: RegExp }> = {
  'neither a home directory nor an entry in passwd': {
    script: `${AS_USER} env -u HOME -u XDG_STATE_HOME ${RUN} --restart never -- ${WORKER}`,
    problem: /There is no home directory to keep state in/,
  },
  'a home directory that cannot be written to': {
    script: `HOME=/ ${AS_USER} env -u XDG_STATE_HOME ${RUN} --restart never -- ${WORKER}`,
    problem: /permission denied/,
  },
  'a state directory that cannot be written to': {
    script: `${AS_USER} ${RUN} --restart never --state-dir $DIR -- ${WORKER}`,
    problem: /permission denied/,
  },
  'a read-only file system, and no /dev/shm': {
    script:
      'for place in /tmp /dev/shm; do mount --bind $place $place; mount -o remount,bind,ro $place; done; ' +
      `mount -t tmpfs -o ro tmpfs /dev/shm; ${RUN} --restart never --state-dir $DIR/x -- ${WORKER}`,
    problem: /read-only/,
  },
};

describe('where crashmon can keep nothing the worker runs, and one line says so', { concurrency: 2 }, () => {
  for (const [what, { script, problem }] of Object.entries(CASES)) {
    test(what, async () => {
      await using state = await stateDirectory();
      await chmod(state.path, 0o755);
      const ended = await inNamespace(script, { DIR: state.path, CRASHMON_STATE_DIR: undefined });
      assert.deepEqual([ended.code, ended.stdout], [3, 'ran\n'], ended.stderr);
      assert.match(ended.stderr, /^words$/m);
      const problems = ended.stderr.split('\n').filter((line) => line.includes('problem: '));
      assert.equal(problems.length, 1, ended.stderr);
      assert.match(problems[0] ?? '', problem);
      assert.match(problems[0] ?? '', /The worker runs, but its crashes are not recorded/);
      await assertNothingLeft(state.path);
    });
  }
});

test('without a home directory, run and doctor name the missing state directory', async () => {
  const bare = `${AS_USER} env -u HOME -u XDG_STATE_HOME`;
  const throws = `${process.execPath} -e 'throw 1'`;
  const script = `${bare} ${RUN} --restart never --arm-after 0 -- ${throws} || true`;
  const { stderr } = await inNamespace(script, { CRASHMON_STATE_DIR: undefined });
  assert.match(stderr, /no capture possible: a capture needs a writable state directory/);
  assert.doesNotMatch(stderr, /armed: |the next crash will be captured/);
  const doctor = `${bare} ${RUN.replace(/ run .*/, ' doctor')} -- ${throws}`;
  const answer = await inNamespace(doctor, { CRASHMON_STATE_DIR: undefined });
  assert.equal(answer.code, 1, answer.stderr);
  assert.match(answer.stdout, /✗ No home directory for the state/);
  assert.match(answer.stdout, /A trial crash was captured/);
});
