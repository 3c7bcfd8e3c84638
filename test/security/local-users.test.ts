import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { writeHostStatus } from '../../src/host/host-status.ts';
import { makePrivateDirectory } from '../../src/journal/private-directory.ts';
import { replacePrivateFile } from '../../src/journal/replace-private-file.ts';
import { makeDataDirectory } from '../../src/portal/store/database/make-data-directory.ts';
import { isRelocated } from '../../src/symbols/native/inlined-calls.ts';
import { CHECKOUT, crashmon } from '../support/crashmon.ts';
import { untilNoneMarked } from '../support/leftovers.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** User and group without any privileges. */
const ATTACKER = 65534;
const STDERR_FILE = path.join(CHECKOUT, 'src/worker/stderr-file.ts');

/** What another user of the machine does: a shell script. */
function asAttacker(script: string, directory: string): void {
  const user = [`--reuid=${ATTACKER}`, `--regid=${ATTACKER}`, '--clear-groups'];
  execFileSync('setpriv', [...user, 'sh', '-euc', script], { cwd: directory, stdio: 'pipe' });
}

/** A directory like `/tmp`, in which the attacker works, and one of the victim's with a file. */
async function sharedPlace() {
  const directory = await temporaryDirectory('attacked');
  const shared = path.join(directory.path, 'tmp');
  const victim = path.join(directory.path, 'victim');
  chmodSync(directory.path, 0o755);
  for (const each of [shared, victim]) mkdirSync(each);
  chmodSync(shared, 0o1777);
  writeFileSync(path.join(victim, 'file'), 'of the victim', { mode: 0o600 });
  return {
    shared,
    victim,
    /** Nothing of the victim's was changed or given to others. */
    assertUntouched() {
      assert.deepEqual(readdirSync(victim), ['file']);
      assert.equal(readFileSync(path.join(victim, 'file'), 'utf8'), 'of the victim');
      assert.deepEqual(
        [statSync(path.join(victim, 'file')).mode & 0o777, statSync(victim).mode & 0o777],
        [0o600, 0o755],
      );
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

const REFUSED = { code: 'STATE_DIR_UNUSABLE' };

describe('another user attacks by what is in a directory that all can write to', () => {
  // The test runs as root: the attacker wants root to write for it.
  const state = 'state';

  const plants: Record<string, string> = {
    'a directory': 'mkdir -m 755 state',
    'a directory that it lets all write to': 'mkdir state; chmod 1777 state',
    'a link to a directory of the victim': 'ln -s ../victim state',
    'a link to a directory of its own': 'mkdir own; ln -s own state',
    'a file': 'touch state',
    'a FIFO': 'mkfifo state',
  };
  for (const [name, script] of Object.entries(plants)) {
    test(`${name} in place of the state directory`, async () => {
      await using place = await sharedPlace();
      asAttacker(script, place.shared);
      const root = path.join(place.shared, state);
      assert.throws(() => makePrivateDirectory(root, 'apps', 'shop'), REFUSED);
      assert.throws(() => writeHostStatus(root, { pid: 1, startTicks: 1, services: [] }), REFUSED);
      assert.throws(() => makeDataDirectory(root, path.join(root, 'portal.db')), {
        code: 'DATABASE_UNUSABLE',
      });
      place.assertUntouched();
    });
  }

  const within: Record<string, string> = {
    'a directory': 'mkdir -m 777 apps host',
    'a link': 'ln -s ../victim apps; ln -s ../victim host',
    'a file': 'touch apps host',
    'a FIFO': 'mkfifo apps host',
    'a directory with links for the files to come':
      'mkdir -m 777 apps host; ln -s ../../victim/file host/status.json.new; ln -s ../../victim/file host/status.json',
  };
  for (const [name, script] of Object.entries(within)) {
    test(`${name} in a state directory that is open to all`, async () => {
      await using place = await sharedPlace();
      asAttacker(script, place.shared);
      assert.throws(() => makePrivateDirectory(place.shared, 'apps', 'shop'), REFUSED);
      assert.throws(() => writeHostStatus(place.shared, { pid: 1, startTicks: 1, services: [] }), REFUSED);
      place.assertUntouched();
    });
  }

  for (const [name, script] of Object.entries({
    'a link': 'ln -s ../victim/file portal.db',
    'a hard link': 'touch mine; ln mine portal.db',
    'a file': 'touch portal.db; chmod 666 portal.db',
    'a FIFO': 'mkfifo portal.db',
    'a file for its log': 'touch portal.db-wal; chmod 666 portal.db-wal',
  })) {
    test(`${name} in place of the portal's database is refused`, async () => {
      await using place = await sharedPlace();
      asAttacker(script, place.shared);
      assert.throws(() => makeDataDirectory(place.shared, path.join(place.shared, 'portal.db')), {
        code: 'DATABASE_UNUSABLE',
      });
      place.assertUntouched();
    });
  }

  test('links in a directory that became private only later are replaced, not followed', async () => {
    await using place = await sharedPlace();
    const file = path.join(place.shared, 'host', 'status.json');
    makePrivateDirectory(place.shared, 'host');
    chmodSync(path.dirname(file), 0o777);
    asAttacker(
      'ln -s ../../victim/file host/status.json.new; ln -s ../../victim/file host/status.json',
      place.shared,
    );
    replacePrivateFile(file, 'ours');
    assert.equal(readFileSync(file, 'utf8'), 'ours');
    assert.deepEqual([statSync(file).uid, statSync(file).mode & 0o777], [process.getuid?.(), 0o600]);
    assert.equal(statSync(path.dirname(file)).mode & 0o777, 0o700);
    place.assertUntouched();
  });

  test('what others cannot replace is used: a directory of root, and our own', async () => {
    await using place = await sharedPlace();
    const own = makePrivateDirectory(path.join(place.shared, state), 'apps');
    assert.equal(statSync(own).mode & 0o777, 0o700);
    // The state directory of a container is often a directory of its host's user.
    const mounted = path.join(place.victim, '..', 'mounted');
    mkdirSync(mounted);
    execFileSync('chown', [String(ATTACKER), mounted]);
    assert.ok(existsSync(makePrivateDirectory(mounted, 'apps')));
  });

  test('a FIFO in place of a program that is read does not make the reader wait', async () => {
    await using place = await sharedPlace();
    asAttacker('mkfifo -m 666 program', place.shared);
    assert.equal(isRelocated(path.join(place.shared, 'program')), false);
  });
});

describe('another user has taken the place in /dev/shm', () => {
  for (const [name, script] of Object.entries({
    'a directory': 'mkdir -m 777 crashmon-0',
    'a link': 'mkdir -m 777 trap; ln -s trap crashmon-0',
    'a FIFO': 'mkfifo crashmon-0',
  })) {
    test(`${name}: standard error is kept elsewhere, the worker is not affected`, async () => {
      await using place = await sharedPlace();
      const own = path.join(place.victim, '..', 'own');
      const attack = `mount --bind '${place.shared}' /dev/shm && cd /dev/shm && setpriv --reuid=${ATTACKER} --regid=${ATTACKER} --clear-groups sh -euc '${script}'`;
      // Of its own, so that no other program of this machine meets it.
      const program = `process.stdout.write(JSON.stringify(await import(process.argv[1]).then(({ openStderrFile: open }) => open(process.argv[2], 0).path)))`;
      const stdout = execFileSync(
        'unshare',
        [
          '--mount',
          'sh',
          '-euc',
          `${attack}; exec "$0" "$@"`,
          process.execPath,
          '--input-type=module',
          '-e',
          program,
          STDERR_FILE,
          makePrivateDirectory(own, 'apps'),
        ],
        { encoding: 'utf8' },
      );
      assert.match(JSON.parse(stdout), /\/own\/apps\/stderr\/[^/]+\.log$/);
      const taken = ['crashmon-0', 'trap'].map((each) => path.join(place.shared, each));
      for (const each of taken.filter((entry) => statSync(entry, { throwIfNoEntry: false })?.isDirectory()))
        assert.deepEqual(readdirSync(each), []);
    });
  }
});

test('the worker runs also where the state directory was taken, and says why nothing is recorded', async () => {
  await using place = await sharedPlace();
  asAttacker('mkdir -m 777 state', place.shared);
  const { code, stdout, stderr } = await crashmon(
    [
      'run',
      '--name',
      'shop',
      '--restart',
      'never',
      '--',
      process.execPath,
      '-e',
      "console.log('served'); process.exit(3)",
    ],
    { stateDir: path.join(place.shared, 'state') },
  );
  assert.deepEqual([code, stdout], [3, 'served\n']);
  assert.match(stderr, /user 65534 has put it into a directory that all users can write to/);
  assert.deepEqual(readdirSync(path.join(place.shared, 'state')), []);
  await untilNoneMarked(place.shared);
});
