import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from './support/crashmon.ts';

test('CONTRIBUTING.md names only files that exist', () => {
  const text = readFileSync(path.join(CHECKOUT, 'CONTRIBUTING.md'), 'utf8');
  const named = Array.from(
    text.matchAll(/(?<![\w./-])(?:src|test|docs|scripts)\/[\w./-]*[\w-]/g),
    ([file]) => file,
  );
  assert.ok(named.length > 40, `${named.length} files`);
  assert.deepEqual(
    named.filter((file) => !existsSync(path.join(CHECKOUT, file))),
    [],
  );
});
