import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const GOLDENS = path.join(import.meta.dirname, '..', 'goldens');

/** Compares with `test/goldens/<name>`; UPDATE_GOLDENS=1 writes the file instead. */
export function assertGolden(name: string, actual: string): void {
  const file = path.join(GOLDENS, name);
  if (process.env.UPDATE_GOLDENS === '1') {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, actual);
    return;
  }
  assert.equal(actual, readFileSync(file, 'utf8'), `differs from ${name}; UPDATE_GOLDENS=1 accepts it`);
}
