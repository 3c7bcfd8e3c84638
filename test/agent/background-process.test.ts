import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { startBackground } from '../../src/agent/background-process.ts';

test('what works in the background gives way to the worker: in time and in memory, and hears no Ctrl-C', async () => {
  const child = startBackground('/bin/cat', [], ['pipe']);
  const hurried = startBackground('/bin/cat', [], ['pipe'], { hurry: true });
  const pid = child.pid ?? assert.fail('not started');
  try {
    assert.equal(getPriority(pid), 19);
    assert.equal(getPriority(hurried.pid ?? -1), getPriority());
    assert.equal(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim(), '1000');
    const [, , , , , session] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/\(.*\)/, '()')
      .split(' ');
    assert.equal(Number(session), pid);
  } finally {
    for (const each of [child, hurried]) {
      each.stdin?.end();
      await once(each, 'exit');
    }
  }
});
