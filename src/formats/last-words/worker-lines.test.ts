import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { workerLines } from './worker-lines.ts';

const at = (pid: number, level: string, said: string) =>
  `[2026-11-28 19:41:18 +0000] [${pid}] [${level}] ${said}`;
const TRACEBACK = [
  'Traceback (most recent call last):',
  '  File "/srv/app.py", line 3, in load',
  'KeyError: 1',
];

test('of gunicorn, lines of other processes go, and the process that a report names is known', () => {
  const text = [
    at(7, 'ERROR', 'Error handling request /'),
    ...['Traceback (most recent call last):', '  File "/srv/b.py", line 1, in b', 'ValueError: 4111'],
    at(8, 'INFO', 'Booting worker with pid: 8'),
    at(8, 'ERROR', 'Exception in worker process'),
    ...TRACEBACK,
    at(8, 'INFO', 'Worker exiting (pid: 8)'),
    at(1, 'INFO', 'Booting worker with pid: 9'),
    '',
  ].join('\n');
  const own = workerLines(text, 'gunicorn', 8);
  assert.deepEqual(own, {
    text: [at(8, 'INFO', 'Booting worker with pid: 8'), ...TRACEBACK, ''].join('\n'),
    isNamed: true,
  });
  assert.equal(workerLines(text, 'gunicorn', 9).isNamed, false);
  assert.deepEqual(workerLines(text, null, 8), { text, isNamed: false });
});

test('a report without a name below one with a name can be of any process', () => {
  const text = [at(8, 'ERROR', 'Exception in worker process'), ...TRACEBACK, ...TRACEBACK].join('\n');
  assert.equal(workerLines(text, 'gunicorn', 8).isNamed, false);
});

test('any text is read in bounded time, and nothing is added to it', () => {
  const line = fc.oneof(
    fc.constantFrom(...TRACEBACK, at(8, 'ERROR', 'Exception in worker process'), at(9, 'ERROR', 'x'), '  a'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = lines.join('\n');
      const kept = workerLines(text, 'gunicorn', 8).text.split('\n');
      const all = text.split('\n');
      assert.ok(kept.every((each) => each === '' || all.includes(each)));
    }),
  );
});
