import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { checkWorkload } from './check-workload.ts';

test('a master of uWSGI is known by an option or by its INI file', async () => {
  await using folder = await temporaryDirectory('uwsgi');
  const checked = (...args: string[]) =>
    checkWorkload(args, folder.path).map(({ check, result }) => `${check} ${result}`);
  writeFileSync(path.join(folder.path, 'master.ini'), '[uwsgi]\n; master = false\nmaster = true\n');
  writeFileSync(path.join(folder.path, 'plain.ini'), '[uwsgi]\n; master = true\nhttp = :8000\n');
  for (const args of [
    ['--master'],
    ['-M'],
    ['--emperor=/etc/uwsgi'],
    ['--ini', 'master.ini'],
    ['master.ini'],
  ])
    assert.deepEqual(checked('/usr/bin/uwsgi_python311', ...args), ['forks failure'], args.join(' '));
  for (const args of [[], ['--ini=plain.ini'], ['--ini', 'missing.ini'], ['--wsgi-file', 'master.py']])
    assert.deepEqual(
      checked('uwsgi', '--http', ':8000', ...args),
      ['request-errors warning'],
      args.join(' '),
    );
});

test('Passenger has a master of its own', () => {
  const found = checkWorkload(['passenger', 'start', '--app-type', 'wsgi'], '/');
  assert.deepEqual(
    found.map(({ check, result }) => `${check} ${result}`),
    ['forks failure'],
  );
});
