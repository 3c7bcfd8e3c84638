import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, stat, symlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { cloneInto } from '../support/clone.ts';
import { nodeBinary } from '../support/node-versions.ts';
import { cleanEnvironment, pathWith } from '../support/npm.ts';
import { runProgram } from '../support/run-program.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';

const OLD_NODE = path.dirname(nodeBinary(20).path);
const NEW_NODE = path.dirname(nodeBinary(24).path);

let temporary: TemporaryDirectory;
let clone = '';
before(async () => {
  temporary = await temporaryDirectory('checkout');
  clone = await cloneInto(temporary.path);
});
after(() => temporary[Symbol.asyncDispose]());

test('a checkout that cannot be made ready does not keep the worker from running', async () => {
  await chmod(temporary.path, 0o755);
  const run = ['setpriv', '--reuid=12345', '--regid=12345', '--clear-groups', path.join(clone, 'crashmon')];
  const script = 'env | grep -e ^CRASHMON -e ^NODE_OPTIONS; echo "$@"; cat; exit 7';
  const { code, stdout, stderr } = await runProgram(
    'sh',
    [
      '-c',
      'echo input | "$@"',
      'sh',
      ...run,
      'run',
      '--name',
      'shop',
      '--',
      'sh',
      '-c',
      script,
      'sh',
      'a b',
      '--',
    ],
    {
      env: {
        ...cleanEnvironment(),
        PATH: pathWith(OLD_NODE),
        NODE_OPTIONS: '--no-deprecation',
        CRASHMON_TEST_SEED: undefined,
      },
      cwd: '/',
    },
  );
  assert.deepEqual([code, stdout], [7, 'NODE_OPTIONS=--no-deprecation\na b --\ninput\n'], stderr);
  assert.match(stderr, /cannot install Node.js 24: .* is not writable[\s\S]*The worker runs unmonitored/);
  const other = await runProgram(run[0] ?? '', [...run.slice(1), 'status'], { cwd: '/' });
  assert.equal(other.code, 2);
});

test('without Node 24 and npm it says what to do', async () => {
  const bin = path.join(temporary.path, 'bin');
  await mkdir(bin);
  for (const name of ['sh', 'stat', 'dirname', 'readlink', 'uname'])
    await symlink(`/usr/bin/${name}`, path.join(bin, name));
  const { code, stderr } = await runProgram(path.join(clone, 'crashmon'), [], {
    env: { ...cleanEnvironment(), PATH: bin },
  });
  assert.equal(code, 2);
  assert.equal(
    stderr,
    'crashmon: needs Node.js 24.7 or later, or npm to install it. Install one of them and try again.\n',
  );
});

test('without a network it says so in one line and leaves nothing half done', async () => {
  const { code, stderr } = await runProgram(path.join(clone, 'crashmon'), [], {
    env: {
      ...cleanEnvironment(),
      PATH: pathWith(NEW_NODE),
      npm_config_registry: 'http://127.0.0.1:1/',
      npm_config_cache: path.join(temporary.path, 'cache'),
    },
  });
  assert.equal(code, 2);
  assert.equal(
    stderr,
    'crashmon: first use, installing packages …\n' +
      'crashmon: cannot install packages: npm cannot reach its registry. Check the network or the proxy and try again.\n',
  );
  assert.deepEqual(
    (await readdir(clone)).filter((name) => name === 'node_modules' || name.startsWith('.set-up-')),
    [],
  );
});

// The last, since the clone is ready to run then.
test('a fresh clone runs with an older Node and npm, for any user who starts it first', async () => {
  const entry = path.join(clone, 'crashmon');
  const options = { env: { ...cleanEnvironment(), PATH: pathWith(OLD_NODE) }, deadlineMs: 600_000 };

  const first = await Promise.all([
    runProgram(entry, ['--version'], options),
    runProgram('./crashmon', ['--version'], { ...options, cwd: clone }),
  ]);
  for (const { code, stdout } of first) {
    assert.equal(code, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  }
  const lines = first.map(({ stderr }) => stderr).join('');
  assert.equal(
    lines.split('\n').toSorted().join('\n'),
    '\ncrashmon: first use, installing Node.js 24 …\ncrashmon: first use, installing packages …',
  );
  assert.deepEqual(
    (await readdir(clone)).filter((name) => name.startsWith('.set-up-')),
    [],
  );

  // From now on it says nothing of its own, also when the lock was only touched.
  await utimes(path.join(clone, 'package-lock.json'), new Date(), new Date());
  const again = await runProgram(entry, ['--version'], { ...options, cwd: '/' });
  assert.deepEqual(again, { code: 0, signal: null, stdout: first[0].stdout, stderr: '' });
  const link = path.join(temporary.path, 'link');
  await symlink(entry, link);
  // Another Node on PATH, of another user perhaps, is no reason to choose again, which takes three times as long.
  const stampFile = path.join(clone, 'node_modules/.crashmon-stamp');
  const stamp = await stat(stampFile);
  for (const [command, cwd, node] of [
    [link, temporary.path, NEW_NODE],
    ['./crashmon', clone, OLD_NODE],
  ] as const) {
    const other = { ...options, cwd, env: { ...options.env, PATH: pathWith(node) } };
    assert.deepEqual(await runProgram(command, ['--version'], other), again);
  }
  assert.equal((await stat(stampFile)).ino, stamp.ino);
  const wrong = await runProgram(entry, ['no-such-verb'], options);
  assert.equal(wrong.code, 2);
});
