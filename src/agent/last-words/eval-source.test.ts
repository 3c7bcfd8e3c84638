import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evalSourceOf } from './eval-source.ts';

test('the program of `node -e`', () => {
  assert.equal(evalSourceOf(['node', '-e', 'boom()']), 'boom()');
  assert.equal(evalSourceOf(['node', '--enable-source-maps', '-p', '1', 'x']), '1');
  assert.equal(evalSourceOf(['node', '--eval=a=b', '-e', 'c']), 'a=b');
  for (const args of [[], ['-e'], ['node'], ['node', '-e'], ['node', 'app.js']])
    assert.equal(evalSourceOf(args), null);
});
