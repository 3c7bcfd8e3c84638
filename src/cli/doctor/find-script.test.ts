import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../test/support/journal/temporary-directory.ts';
import { missingPackageScript, missingScript } from './find-script.ts';

test('the script of a command line of Node is looked for as Node does', () => {
  using directory = temporaryDirectory();
  writeFileSync(join(directory.path, 'app.js'), '');
  mkdirSync(join(directory.path, 'site'));
  writeFileSync(join(directory.path, 'site', 'index.js'), '');
  for (const [line, expected] of [
    ['app.js', null],
    ['app', null],
    ['site', null],
    ['./site missing.js', null],
    [join(directory.path, 'app.js'), null],
    ['missing.js', 'missing.js'],
    ['missing.js app.js', 'missing.js'],
    ['--inspect missing.js', 'missing.js'],
    ['--enable-source-maps --trace-warnings missing.js', 'missing.js'],
    ['-r ./app.js missing.js', 'missing.js'],
    ['--require dotenv/config app.js', null],
    ['--stack-size=2000 missing.js', 'missing.js'],
    ['--redirect-warnings file app.js', null],
    ['--redirect-warnings file missing.js', 'missing.js'],
    ['--some-flag missing.js', null],
    ['inspect app.js', null],
    ['-e 1', null],
    ['--test', null],
    ['--run dev', null],
    ['-', null],
    ['', null],
  ] as const) {
    const args = line === '' ? [] : line.split(' ');
    assert.equal(missingScript(args, directory.path), expected, line);
  }
});

test('so is the script of a package manager', () => {
  using directory = temporaryDirectory();
  const missing = (...args: string[]) => missingPackageScript(args, directory.path);
  assert.match(missing('start') ?? '', /^package\.json in /);
  writeFileSync(join(directory.path, 'package.json'), '{"scripts": {"dev": "node a.js"}}');
  assert.equal(missing('run', 'dev'), null);
  assert.match(missing('run', 'prod') ?? '', /^script "prod" in \/.*package\.json$/);
  assert.match(missing('start') ?? '', /^script "start" in /);
  writeFileSync(join(directory.path, 'server.js'), '');
  assert.equal(missing('start'), null);
  assert.equal(missing('--prefix', 'x'), null);
  assert.equal(missing('exec', 'x'), null);
  writeFileSync(join(directory.path, 'package.json'), '{');
  assert.equal(missing('start'), null);
});
