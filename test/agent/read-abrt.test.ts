import assert from 'node:assert/strict';
import { chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readAbrt } from '../../src/agent/system-core/read-abrt.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const OTHER_USER = 65534;
const STACK = {
  crash_thread: true,
  frames: [{ address: 4096, function_name: 'pay', file_name: '/srv/shop' }],
};
/** Of a problem, by ABRT's documented form; others are never opened. */
const FILES = {
  type: 'CCpp',
  pid: '7',
  global_pid: '191',
  time: '1795990136\n',
  executable: '/srv/shop\n',
  environ: 'TOKEN=secret-word',
  core_backtrace: JSON.stringify({ signal: 11, stacktrace: [STACK] }),
};

test('a problem that ABRT keeps is read; one that another user could have put there is not', async () => {
  await using directory = await temporaryDirectory('abrt');
  const add = (name: string, changes: Partial<typeof FILES> = {}) => {
    const problem = path.join(directory.path, name);
    mkdirSync(problem);
    for (const [file, text] of Object.entries({ ...FILES, ...changes }))
      writeFileSync(path.join(problem, file), text);
    return problem;
  };
  add('ccpp-2026-11-29-191');
  add('python-2026-11-29-192', { type: 'Python3' });
  add('ccpp-2026-11-29-193', { core_backtrace: '{' });
  chownSync(path.join(add('ccpp-2026-11-29-194'), 'core_backtrace'), OTHER_USER, OTHER_USER);
  const linked = path.join(directory.path, 'ccpp-2026-11-29-195');
  mkdirSync(linked);
  for (const file of Object.keys(FILES))
    symlinkSync(path.join(directory.path, 'ccpp-2026-11-29-191', file), path.join(linked, file));
  const [core, ...others] = readAbrt(directory.path);
  assert.equal(others.length, 0);
  const { pid, signal, executable, atMs, frames } = core ?? {};
  assert.deepEqual([pid, signal, executable, atMs], [191, 'SIGSEGV', '/srv/shop', 1795990136000]);
  assert.deepEqual(
    frames?.map((frame) => [frame.function, frame.module]),
    [['pay', '/srv/shop']],
  );
  assert.deepEqual(readAbrt(path.join(directory.path, 'missing')), []);
});
