import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readLogText } from './log-text.ts';
import { readPm2Message } from './pm2-message.ts';

const FIELDS = {
  ...{
    name: 'shop',
    pm_id: 3,
    NODE_APP_INSTANCE: 1,
    exec_mode: 'cluster_mode',
    pm_uptime: 1_000,
    restart_time: 7,
  },
  ...{ unique_id: 'u', PASSWORD: 'secret' },
};
const PROCESS = {
  name: 'shop',
  pmId: 3,
  instance: 1,
  mode: 'cluster',
  startedAtMs: 1_000,
  restarts: 7,
  uniqueId: 'u',
};

const read = (topic: string, value: unknown) => readPm2Message(topic, Buffer.from(JSON.stringify(value)));

test('of an event, only what says which run it was and how it ended', () => {
  assert.deepEqual(read('process:event', { event: 'online', process: FIELDS }), {
    type: 'online',
    process: PROCESS,
  });
  const stopped = { ...FIELDS, pm_id: '_old_3', status: 'stopping', exit_code: 0 };
  assert.deepEqual(read('process:event', { event: 'exit', process: stopped }), {
    ...{ type: 'exit', process: PROCESS, code: 0, isStopping: true },
  });
  for (const event of ['start', 'restart', 'stop', 7]) {
    assert.equal(read('process:event', { event, process: FIELDS }), null);
  }
});

test('of the log of PM2, how a process ended', () => {
  const line = (text: string) => read('log:PM2', { data: text });
  assert.deepEqual(line('App [my [shop]:_old_3] exited with code [0] via signal [SIGSEGV]\n'), {
    ...{ type: 'exit-line', name: 'my [shop]', pmId: 3, status: { type: 'signal', signal: 'SIGSEGV' } },
  });
  assert.deepEqual(line('App [shop:3] exited with code [1] via signal [SIGINT]\n'), {
    ...{ type: 'exit-line', name: 'shop', pmId: 3, status: { type: 'code', code: 1 } },
  });
  assert.equal(line('App [shop:3] online'), null);
});

test('of an output, what an app wrote to standard error, and which', () => {
  const output = (pmId: unknown) => read('log:err', { data: 'Error: x\n', at: 5, process: { pm_id: pmId } });
  const expected = { type: 'error-output', pmId: 3, isOld: false, text: 'Error: x\n', atMs: 5 };
  assert.deepEqual(output(3), expected);
  assert.deepEqual(output('_old_3'), { ...expected, isOld: true });
  assert.equal(output('PM2'), null);
});

test('of an exception, only which process it was', () => {
  const exception = (pmId: unknown) =>
    read('process:exception', { data: { message: 'secret' }, process: { pm_id: pmId } });
  assert.deepEqual(exception(3), { type: 'exception', pmId: 3 });
  assert.equal(exception('_old_3'), null);
});

test('what PM2 would not send is no message', () => {
  const wrong = [{ name: 7 }, { pm_id: 'x' }, { pm_uptime: null }, { exec_mode: 'other' }, { unique_id: '' }];
  for (const change of wrong) {
    assert.equal(read('process:event', { event: 'online', process: { ...FIELDS, ...change } }), null);
  }
  fc.assert(
    fc.property(
      fc.json(),
      fc.constantFrom('process:event', 'process:exception', 'log:PM2', 'log:err'),
      (text, topic) => {
        assert.equal(readPm2Message(topic, Buffer.from(text)), null);
      },
    ),
  );
  assert.equal(readPm2Message('log:PM2', Buffer.from('{')), null);
});

test('a log in JSON is read as what the app wrote', () => {
  const lines = [
    { message: 'Error: x\n', type: 'err' },
    { message: '    at y\n', type: 'err' },
  ].map((line) => JSON.stringify(line));
  assert.equal(`${readLogText(Buffer.from(lines.join('\n')))}`, 'Error: x\n    at y\n');
  for (const text of ['', 'plain', '{"a":1}\n', '{\n'])
    assert.equal(`${readLogText(Buffer.from(text))}`, text);
});
