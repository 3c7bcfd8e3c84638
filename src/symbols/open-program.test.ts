import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Runtime } from '../model/runtime.ts';
import { openProgram } from './open-program.ts';

function versionOf(path: string, runtime: Runtime): string | null {
  using program = openProgram(path, runtime);
  return program?.version ?? null;
}

test('the version of an interpreter is in the name that it is installed under, or unknown', () => {
  assert.equal(versionOf('/usr/bin/python3.11', 'python'), '3.11');
  assert.equal(versionOf('/opt/python3.13t', 'python'), '3.13');
  assert.equal(versionOf('/usr/bin/ruby3.1', 'ruby'), '3.1');
  assert.equal(versionOf('/usr/bin/php8.2', 'php'), '8.2');
  assert.equal(versionOf('/usr/sbin/php-fpm8.2', 'php'), '8.2');
  assert.equal(versionOf('/usr/local/bin/perl5.40.0', 'perl'), '5.40.0');
  assert.equal(versionOf('/usr/bin/python3', 'python'), null);
  assert.equal(versionOf('/srv/shop2.5/perl', 'perl'), null);
  assert.equal(versionOf('/usr/bin/python3.11', 'ruby'), null);
});
