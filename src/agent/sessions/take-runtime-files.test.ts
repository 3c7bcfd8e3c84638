import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, linkSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../test/support/journal/temporary-directory.ts';
import { openRuntimeFile } from './take-runtime-files.ts';

test('only a regular file of this end that begins as it should is taken', () => {
  using directory = temporaryDirectory();
  const at = (name: string) => join(directory.path, name);
  const write = (name: string, text = 'JAVA PROFILE 1.0.2') => writeFileSync(at(name), text);
  const now = Date.now();
  const instant = (wallMs: number) => ({ wallMs, monotonicMs: 0, bootId: '' });
  const ended = { startedAt: instant(now - 60_000), diedAt: instant(now + 60_000) };
  const taken = (...paths: string[]) => {
    const file = { kind: 'java-heap' as const, paths, begins: /^JAVA PROFILE/ };
    const found = openRuntimeFile(file, (name) => [at(name)], ended, true);
    if (found !== null) closeSync(found.fd);
    return found?.sizeBytes ?? null;
  };
  write('good');
  assert.equal(taken('missing', 'good'), 18);
  write('other', '#!/bin/sh');
  mkdirSync(at('directory'));
  symlinkSync(at('good'), at('link'));
  execFileSync('mkfifo', [at('pipe')]);
  write('old');
  utimesSync(at('old'), 0, (now - 120_000) / 1000);
  assert.equal(taken('other', 'directory', 'link', 'pipe', 'old'), null);
  linkSync(at('good'), at('second'));
  assert.equal(taken('good', 'second'), null, 'another name can be that of another user');
});
