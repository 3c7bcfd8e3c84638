import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NamedPrograms } from './named-programs.ts';

test('what a command starts is searched for once in a while, and is of the run that asks', () => {
  let nowMs = 0;
  const programs = new NamedPrograms(10_000, () => nowMs);
  const place = (startedAtMs: number) => ({ cwd: '/', path: '/usr/bin:/bin', startedAtMs });
  const first = programs.find('of-command', ['sleep', '1'], place(1));
  assert.equal(first?.runtime, 'native');
  const again = programs.find('of-command', ['sleep', '1'], place(2));
  assert.deepEqual(again, { ...first, seenAtMs: 2 });
  assert.equal(again?.args, first?.args, 'not searched for');
  assert.equal(programs.find('of-command', ['no-such-program'], place(3)), null);
  nowMs = 10_000;
  assert.notEqual(programs.find('of-command', ['sleep', '1'], place(4))?.args, first?.args);
});

test('without a time that it holds, each is searched for', () => {
  const programs = new NamedPrograms(0, () => 0);
  const place = { cwd: '/', path: '/usr/bin:/bin', startedAtMs: 1 };
  const [one, other] = [1, 2].map(() => programs.find('below', ['sh', '-c', 'exec sleep 1'], place));
  assert.equal(one?.runtime, 'native');
  assert.notEqual(one?.args, other?.args);
});
