import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..', '..');

/** Compares with `test/goldens/<name>`; UPDATE_GOLDENS=1 writes the file instead. */
export function assertGolden(name: string, actual: string): void {
  assertFile(`test/goldens/${name}`, actual);
}

/** Compares with a generated file of the checkout; UPDATE_GOLDENS=1 writes it instead. */
export function assertFile(name: string, actual: string): void {
  const file = path.join(ROOT, name);
  if (process.env.UPDATE_GOLDENS === '1') {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, actual);
    return;
  }
  assert.equal(actual, readFileSync(file, 'utf8'), `differs from ${name}; UPDATE_GOLDENS=1 accepts it`);
}
