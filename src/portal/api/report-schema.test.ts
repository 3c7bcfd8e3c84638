import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { assertFile } from '../../../test/support/golden.ts';
import { report } from './report-schema.ts';

// Of input: a reader accepts fields of later versions.
const schema = z.toJSONSchema(report, { io: 'input', target: 'draft-2020-12' });

test('docs/report.schema.json is this schema', () => {
  const title = { title: 'Redacted report of crashmon' };
  assertFile('docs/report.schema.json', `${JSON.stringify({ ...title, ...schema }, null, 2)}\n`);
});

for (const name of ['cli/show.json', 'cli/show-signature.json']) {
  test(`it describes every field of ${name}`, () => {
    const text = readFileSync(new URL(`../../../test/goldens/${name}`, import.meta.url), 'utf8');
    const { signature: _, knownCauses: __, ...printed } = JSON.parse(text);
    assert.deepEqual(z.fromJSONSchema(schema).safeParse(printed).error?.issues ?? [], []);
    assert.deepEqual(report.parse(printed), printed);
  });
}
