import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { cloneInto, linkPackages } from '../support/clone.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { nodeBinary } from '../support/node-versions.ts';
import { cleanEnvironment, pathWith } from '../support/npm.ts';
import { WITH_PACKAGES } from '../support/packages.ts';
import { runProgram } from '../support/run-program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const DEADLINE_MS = 1_800_000;
/** By hours apart, packages of one commit have the same times all the same. */
const COMMIT_TIME = '1796000000';
const SHOWN = `version: VERSION
user: crashmon:/var/lib/crashmon-portal:/usr/sbin/nologin
exit: 7
"app":"job"
The settings are valid: /etc/crashmon/agent.toml
page: .TH
completion: tokens
setting: -rw------- root agent.toml
setting: -rw------- root portal.env
portal: ended
kept: # mine
removed, settings kept: /etc/crashmon/agent.toml /etc/crashmon/portal.env
worker: untouched
purged: nothing left
`;

async function build(directory: string, name: string): Promise<string> {
  const place = path.join(directory, name);
  await mkdir(place);
  const clone = await cloneInto(place);
  await linkPackages(clone);
  const env = {
    ...cleanEnvironment(),
    ...{ SOURCE_DATE_EPOCH: COMMIT_TIME, CRASHMON_DEB_LEVEL: '1' },
    PATH: pathWith(path.dirname(nodeBinary(20).path)),
  };
  const built = await runProgram('sh', ['scripts/build-deb.sh', path.join(place, 'out')], {
    ...{ cwd: clone, env, deadlineMs: DEADLINE_MS },
  });
  assert.equal(built.code, 0, built.stderr);
  return built.stdout.trim().split('\n').at(-1) ?? '';
}

if (WITH_PACKAGES) {
  test('two clones build the same Debian package; in a clean Debian it installs, works, and purges to nothing', async () => {
    await using temporary = await temporaryDirectory('debian');
    const [one, other] = [await build(temporary.path, 'one'), await build(temporary.path, 'other')];
    assert.ok((await readFile(one)).equals(await readFile(other)), 'the packages differ');

    const root = path.join(temporary.path, 'root');
    const made = await runProgram('mmdebstrap', ['--variant=minbase', '--mode=root', 'bookworm', root], {
      deadlineMs: DEADLINE_MS,
    });
    assert.equal(made.code, 0, made.stderr);
    await copyFile(one, path.join(root, 'tmp/crashmon.deb'));
    const script = path.join(CHECKOUT, 'test/packages/install-deb.sh');
    await copyFile(script, path.join(root, 'tmp/install-deb.sh'));
    // Of its own, so that nothing of it outlives the test.
    const namespaces = ['--mount', '--pid', '--fork', '--kill-child'];
    const installed = await runProgram(
      'unshare',
      [...namespaces, 'chroot', root, 'sh', '/tmp/install-deb.sh'],
      {
        ...{ env: cleanEnvironment(), deadlineMs: DEADLINE_MS },
      },
    );
    const { version } = JSON.parse(await readFile(path.join(CHECKOUT, 'package.json'), 'utf8'));
    assert.deepEqual(
      { code: installed.code, stdout: installed.stdout },
      { code: 0, stdout: SHOWN.replace('VERSION', version) },
      installed.stderr,
    );
  });
}
