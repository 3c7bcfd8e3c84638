import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from '../support/crashmon.ts';
import { IS_CHAOS } from '../support/rounds.ts';
import { runProgram } from '../support/run-program.ts';

const MAIN = path.join(CHECKOUT, 'bench', 'main.ts');

/** All of them would take a tenth of the suite's time; `npm run chaos -- rounds` has it. */
const IN_SUITE = ['restart', 'native-stack'];

test('the measurements of the bench work', async () => {
  const list = await runProgram(process.execPath, [MAIN, '--list'], {});
  const names = list.stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');
  assert.ok(names.length >= 17, list.stdout);
  const measured = IS_CHAOS ? names.filter((name) => name !== 'portal-pages-huge') : IN_SUITE;
  const smoke = await runProgram(process.execPath, [MAIN, '--smoke', ...measured], { deadlineMs: 480_000 });
  assert.equal(smoke.code, 0, smoke.stdout + smoke.stderr);
  for (const name of measured) {
    const [, rows = ''] = `\n${smoke.stdout}`.split(`\n${name}: `);
    const [first = ''] = rows.split('\n').slice(2);
    assert.match(first, /\d (?:×|ms|µs|%|kB|MB|\/s|B) /, `${name}: ${first}`);
    assert.doesNotMatch(rows.split('\n\n')[0] ?? '', /failed|NaN/);
  }
});
