import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { missingPackageScript } from '../../src/cli/doctor/find-script.ts';
import { crashmon } from '../support/crashmon.ts';
import { matrix } from '../support/matrix.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { statusOf } from './run-worker.ts';

const PLANTED = JSON.stringify({ name: 'planted', version: '6.6.6' });

const OTHER_USER = 12_345;

const WAYS: Record<string, (file: string) => Promise<void>> = {
  'a FIFO': async (file) => void execFileSync('mkfifo', [file]),
  'a link to an endless device': (file) => symlink('/dev/zero', file),
  'a link to a FIFO': async (file) => {
    execFileSync('mkfifo', [`${file}.fifo`]);
    await symlink(`${file}.fifo`, file);
  },
  'a file without end': async (file) => {
    await writeFile(file, PLANTED);
    await truncate(file, 2 ** 40);
  },
  'a directory': async (file) => void (await mkdir(file)),
  'a file of another user': async (file) => {
    await writeFile(file, PLANTED);
    await chown(file, OTHER_USER, OTHER_USER);
  },
  'a file that everybody can write to': async (file) => {
    await writeFile(file, PLANTED);
    await chmod(file, 0o666);
  },
};

const PLACES = ['in the working directory', 'above it', 'above it, with a name given'] as const;

describe('a package.json that is not to be trusted changes nothing', { concurrency: 2 }, () => {
  for (const [[what, plant], place] of matrix(Object.entries(WAYS), PLACES)) {
    test(`${what}, ${place}`, async () => {
      await using state = await stateDirectory();
      await using folder = await temporaryDirectory('planted');
      const below = path.join(folder.path, 'below');
      await mkdir(below);
      await plant(path.join(folder.path, 'package.json'));
      const cwd = place === 'in the working directory' ? folder.path : below;
      const options = place === 'above it, with a name given' ? ['--name', 'echo'] : [];
      const args = ['run', ...options, '--', 'echo', 'runs'];
      const { code, stdout } = await crashmon(args, { stateDir: state.path, cwd });
      assert.deepEqual([code, stdout], [0, 'runs\n']);
      assert.deepEqual(
        statusOf(state.path).map(({ app }) => app),
        ['echo'],
      );
    });
  }

  test('doctor does not wait for a FIFO', async () => {
    await using folder = await temporaryDirectory('planted');
    execFileSync('mkfifo', [path.join(folder.path, 'package.json')]);
    assert.equal(missingPackageScript(['run', 'x'], folder.path), null);
  });

  test('one that belongs to the owner of the working directory names the app', async () => {
    await using state = await stateDirectory();
    await using folder = await temporaryDirectory('deployed');
    const file = path.join(folder.path, 'package.json');
    await writeFile(file, JSON.stringify({ name: 'shop' }));
    for (const entry of [file, folder.path]) await chown(entry, OTHER_USER, OTHER_USER);
    await crashmon(['run', '--', 'true'], { stateDir: state.path, cwd: folder.path });
    assert.deepEqual(
      statusOf(state.path).map(({ app }) => app),
      ['shop'],
    );
  });
});
