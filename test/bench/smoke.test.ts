import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from '../support/crashmon.ts';
import { runProgram } from '../support/run-program.ts';

const MAIN = path.join(CHECKOUT, 'bench', 'main.ts');

test('every measurement of the bench works, once each', async () => {
  const list = await runProgram(process.execPath, [MAIN, '--list'], {});
  const names = list.stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');
  assert.ok(names.length >= 17, list.stdout);
  const smoke = await runProgram(process.execPath, [MAIN, '--smoke'], { deadlineMs: 480_000 });
  assert.equal(smoke.code, 0, smoke.stdout + smoke.stderr);
  for (const name of names.filter((one) => one !== 'portal-pages-huge')) {
    const [, rows = ''] = `\n${smoke.stdout}`.split(`\n${name}: `);
    const [first = ''] = rows.split('\n').slice(2);
    assert.match(first, /\d (?:×|ms|µs|%|kB|MB|\/s|B) /, `${name}: ${first}`);
    assert.doesNotMatch(rows.split('\n\n')[0] ?? '', /failed|NaN/);
  }
});
