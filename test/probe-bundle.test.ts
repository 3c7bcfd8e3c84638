import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { BUNDLED_PROBE, bundleProbe } from '../scripts/bundle-probe.ts';

test('the bundled probe is what src/probe gives; npm run build:probe makes it anew', async () => {
  assert.equal(await readFile(BUNDLED_PROBE, 'utf8'), await bundleProbe());
});
