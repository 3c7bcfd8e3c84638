import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from './support/crashmon.ts';

type Entry = { version?: string; resolved?: string; optionalDependencies?: Record<string, string> };

for (const folder of ['.', 'runtime', 'test/node-versions', 'test/apps', 'test/runtimes']) {
  const file = path.join(folder, 'package-lock.json');
  const packages: Record<string, Entry> = JSON.parse(
    readFileSync(path.join(CHECKOUT, file), 'utf8'),
  ).packages;

  test(`${file} names no registry`, () => {
    const named = Object.keys(packages).filter((place) => packages[place]?.resolved !== undefined);
    assert.deepEqual(named, []);
  });

  test(`${file} is complete, as npm ci demands`, () => {
    const absent = Object.values(packages)
      .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
      .filter((name) => packages[`node_modules/${name}`] === undefined);
    assert.deepEqual(absent, [], 'run node scripts/complete-lock.cjs package-lock.json');
  });
}
