import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { MAIN } from '../support/crashmon.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { type ProgramResult, runProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { exitsOf, run, startRun } from './run-worker.ts';

/** Crashes three times, then ends well; says which life it is. */
const LIVES =
  'n=$(cat $LIVES 2>/dev/null || echo 0); echo $((n + 1)) > $LIVES; echo life $n; echo words $n >&2; [ $n -ge 3 ] || exit 1; exit 0';

/** Runs a shell script, and in it `$RUN …`, in mount and user namespaces of its own: nothing mounted gets out. */
function inNamespace(
  script: string,
  stateDir: string,
  options: readonly string[] = ['--map-root-user'],
): Promise<ProgramResult> {
  return runProgram('unshare', ['--mount', ...options, 'bash', '-e', '-c', script], {
    env: {
      CRASHMON_STATE_DIR: stateDir,
      LIVES: `${stateDir}/lives`,
      SCRIPT: LIVES,
      RUN: `${process.execPath} ${MAIN} run --name app --restart-delay 0`,
    },
  });
}

function assertRan({ code, stdout, stderr }: ProgramResult): void {
  assert.equal(code, 0, stderr);
  assert.equal(stdout.match(/life \d/g)?.join(), 'life 0,life 1,life 2,life 3', stderr);
  assert.equal(stderr.match(/words \d/g)?.join(), 'words 0,words 1,words 2,words 3');
}

describe('whatever happens to crashmon’s memory, the worker runs', { concurrency: 2 }, () => {
  test('a full disk', async () => {
    await using state = await stateDirectory();
    const script =
      'mkdir $CRASHMON_STATE_DIR/disk; mount -t tmpfs -o size=64k tmpfs $CRASHMON_STATE_DIR/disk;' +
      'head -c 65536 /dev/zero > $CRASHMON_STATE_DIR/disk/full || true;' +
      '$RUN --state-dir $CRASHMON_STATE_DIR/disk -- sh -c "$SCRIPT"';
    const ended = await inNamespace(script, state.path);
    assertRan(ended);
    assert.match(ended.stderr, /problem: .*(?:full|space)/i);
    await assertNothingLeft(state.path);
  });

  test('a disk that fills up while it runs', async () => {
    await using state = await stateDirectory();
    const script =
      'mkdir $CRASHMON_STATE_DIR/disk; mount -t tmpfs -o size=400k tmpfs $CRASHMON_STATE_DIR/disk;' +
      '$RUN --state-dir $CRASHMON_STATE_DIR/disk -- sh -c "head -c 400000 /dev/zero > $CRASHMON_STATE_DIR/disk/full; $SCRIPT"';
    const ended = await inNamespace(script, state.path);
    assertRan(ended);
    assert.match(ended.stderr, /problem: .*(?:full|space)/i);
  });

  test('a disk that fills up in an armed run is not taken for a fault of the command', async () => {
    await using state = await stateDirectory();
    const app = 'require("node:fs").readFileSync(0); throw new Error("x")';
    const script =
      'mkdir $CRASHMON_STATE_DIR/disk; mount -t tmpfs -o size=2m tmpfs $CRASHMON_STATE_DIR/disk;' +
      'export CRASHMON_STATE_DIR=$CRASHMON_STATE_DIR/disk; fill() { head -c 4m /dev/zero >>$CRASHMON_STATE_DIR/full || true; };' +
      `once() { $RUN --arm-after 0 --cooldown 0 --restart never -- ${process.execPath} -e '${app}' || true; };` +
      `{ until [ -e $CRASHMON_STATE_DIR/apps/app/*/raw/*/claim.json ]; do sleep 0.05; done; fill; } | once;` +
      // The end of the run made some room.
      `fill; ${process.execPath} ${MAIN} doctor || true; rm $CRASHMON_STATE_DIR/full; once </dev/null`;
    const { stdout, stderr } = await inNamespace(script, state.path);
    assert.match(stdout, /✗ The state directory \S+ is not writable \(ENOSPC\)/);
    const ended = stderr.split('\n').filter((line) => / in 24 h; /.test(line));
    assert.match(ended[0] ?? '', /no capture possible: a capture needs a writable state directory/);
    assert.match(ended.at(-1) ?? '', /; captured/, stderr);
    await assertNothingLeft(state.path);
  });

  test('a disk that is full at the start and has room later: crashes are recorded from the next restart on', async () => {
    await using state = await stateDirectory();
    const script =
      'cd $CRASHMON_STATE_DIR; mkdir disk; mount -t tmpfs -o size=8m tmpfs disk; head -c 8m /dev/zero >disk/full || true;' +
      '$RUN --state-dir $PWD/disk -- sh -c "[ ! -e $LIVES ] || rm -f disk/full; $SCRIPT";' +
      `${process.execPath} ${MAIN} crashes --json --state-dir $PWD/disk >&3`;
    const ended = await inNamespace(`exec 3>$CRASHMON_STATE_DIR/crashes; ${script}`, state.path);
    assertRan(ended);
    assert.match(ended.stderr, /its crashes are not recorded/);
    const exits = JSON.parse(await readFile(path.join(state.path, 'crashes'), 'utf8')) as {
      counted: boolean;
    }[];
    assert.deepEqual(
      exits.map(({ counted }) => counted),
      [false, true],
    );
  });

  test('a full disk whose blocks are smaller than a page', async () => {
    await using state = await stateDirectory();
    // How much is left decides which write of SQLite is the first one without room.
    const script =
      'cd $CRASHMON_STATE_DIR; truncate -s 8M image; mkfs.ext4 -q -m 0 -b 1024 image; mkdir disk; mount -o loop image disk;' +
      '$RUN --state-dir $PWD/disk -- true; for spare in 9 12 16 18 24; do rm -f $LIVES disk/*ed;' +
      'head -c "$spare"k /dev/zero >disk/freed; sync; head -c 8m /dev/zero >disk/filled || true; sync; rm disk/freed;' +
      '$RUN --state-dir $PWD/disk -- sh -c "$SCRIPT"; done';
    // A user namespace could not mount it.
    const { code, stdout, stderr } = await inNamespace(script, state.path, []);
    assert.equal(code, 0, stderr);
    assert.equal(
      stdout.match(/life \d/g)?.join(),
      Array(5).fill('life 0,life 1,life 2,life 3').join(),
      stderr,
    );
  });

  test('a read-only disk', async () => {
    await using state = await stateDirectory();
    const script =
      'mkdir $CRASHMON_STATE_DIR/disk; mount -t tmpfs -o ro tmpfs $CRASHMON_STATE_DIR/disk;' +
      '$RUN --state-dir $CRASHMON_STATE_DIR/disk -- sh -c "$SCRIPT"';
    const ended = await inNamespace(script, state.path);
    assertRan(ended);
    assert.match(ended.stderr, /problem: .*read-only/i);
  });

  for (const [what, mount] of [
    ['missing', 'mount -t tmpfs tmpfs /dev; mknod /dev/null c 1 3 2>/dev/null || touch /dev/null'],
    ['small', 'mount -t tmpfs -o size=64m tmpfs /dev/shm'],
    ['full', 'mount -t tmpfs -o size=260m tmpfs /dev/shm; fallocate -l 250m /dev/shm/others'],
    ['planted', 'mount -t tmpfs tmpfs /dev/shm; mkdir -m 777 /dev/shm/crashmon-$(id -u)'],
    ['read-only', 'mount -t tmpfs -o ro tmpfs /dev/shm'],
  ] as const) {
    test(`no memory for standard error: /dev/shm is ${what}`, async () => {
      await using state = await stateDirectory();
      const ended = await inNamespace(`${mount}; $RUN -- sh -c "$SCRIPT"`, state.path);
      assertRan(ended);
      assert.match(ended.stderr, /problem: Standard error goes through a file in the state directory/);
      assert.equal(exitsOf(state.path).length, 4);
      await assertNothingLeft(state.path);
    });
  }

  test('no room for standard error anywhere: the worker keeps its own', async () => {
    await using state = await stateDirectory();
    const script =
      'mount -t tmpfs -o size=64m tmpfs /dev/shm;' +
      'mkdir $CRASHMON_STATE_DIR/disk; mount -t tmpfs -o size=500m tmpfs $CRASHMON_STATE_DIR/disk;' +
      '$RUN --state-dir $CRASHMON_STATE_DIR/disk -- sh -c "readlink /proc/self/fd/2; $SCRIPT"; ls /dev/shm';
    const ended = await inNamespace(script, state.path);
    assertRan(ended);
    assert.match(
      ended.stderr,
      /problem: Standard error cannot be used as evidence \(.*smaller than 256 MB; .*less than 1 GB free\)/,
    );
    // Neither the file nor its directory.
    assert.match(ended.stdout, /^(?:(?:pipe|socket):.*\nlife \d\n)+$/);
    await assertNothingLeft(state.path);
  });

  test('a damaged journal is set aside', async () => {
    await using state = await stateDirectory();
    await run({ stateDir: state.path, command: ['true'] });
    const [instance = ''] = await readdir(path.join(state.path, 'apps/app'));
    const directory = path.join(state.path, 'apps/app', instance);
    await writeFile(path.join(directory, 'journal.db'), Buffer.alloc(40_000, 'damage'));
    const { code, stdout, stderr } = await run({ stateDir: state.path, command: ['echo', 'words'] });
    assert.deepEqual([code, stdout], [0, 'words\n']);
    assert.match(stderr, /problem: The journal was damaged/);
    assert.equal(exitsOf(state.path).length, 1);
  });

  test('a journal that another process holds delays no restart, and gets everything later', async () => {
    await using state = await stateDirectory();
    const script = `echo life; [ -e ${state.path}/go ] || { sleep 0.1; exit 1; }; echo stays; exec sleep 60`;
    const options = ['--restart-delay', '0', '--json'];
    await using agent = startRun({ stateDir: state.path, options, command: ['sh', '-c', script] });
    await agent.waitForLine('stdout', /life/);
    const [instance = ''] = await readdir(path.join(state.path, 'apps/app'));
    const locker = new DatabaseSync(path.join(state.path, 'apps/app', instance, 'journal.db'), {
      timeout: 60_000,
    });
    locker.exec('BEGIN IMMEDIATE');
    const lives = () => agent.stdout.match(/life/g)?.length ?? 0;
    const before = lives();
    while (lives() < before + 10) await agent.waitForLine('stdout', /life/, agent.stdout.length);
    assert.match(agent.stderr, /"event":"problem"/);
    await writeFile(`${state.path}/go`, '');
    locker.exec('COMMIT');
    locker.close();
    await agent.waitForLine('stdout', /stays/);
    agent.kill('SIGTERM');
    await agent.exited;
    const ended = agent.stderr.match(/"event":"ended"/g)?.length;
    assert.equal(exitsOf(state.path).length, ended);
    await assertNothingLeft(state.path);
  });

  test('a journal held from before the start does not keep the worker from running', async () => {
    await using state = await stateDirectory();
    await run({ stateDir: state.path, command: ['true'] });
    const [instance = ''] = await readdir(path.join(state.path, 'apps/app'));
    const locker = new DatabaseSync(path.join(state.path, 'apps/app', instance, 'journal.db'));
    locker.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE documents SET name = name');
    const { code, stdout, stderr } = await run({ stateDir: state.path, command: ['echo', 'words'] });
    assert.deepEqual([code, stdout], [0, 'words\n'], stderr);
    assert.match(stderr, /problem: /);
    locker.close();
  });

  test('what cannot be deleted', async () => {
    await using state = await stateDirectory();
    await run({ stateDir: state.path, command: ['true'] });
    const [instance = ''] = await readdir(path.join(state.path, 'apps/app'));
    const raw = path.join(state.path, 'apps/app', instance, 'raw/0123456789ab');
    await mkdir(raw);
    await chmod(raw, 0o700);
    const script = `mount -t tmpfs tmpfs ${raw}; $RUN -- sh -c "$SCRIPT"`;
    assertRan(await inNamespace(script, state.path));
  });
});
