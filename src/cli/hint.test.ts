import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runVerb } from '../../test/support/cli/run-verb.ts';
import { sampleState, withJournal } from '../../test/support/cli/sample-state.ts';
import { sampleExit, stateWith } from '../../test/support/journal/sample-run.ts';
import { temporaryDirectory } from '../../test/support/journal/temporary-directory.ts';
import type { CliContext } from './context.ts';
import { calledAs, hintFor } from './hint.ts';

/** Of a context only what hints look at. */
function hint(stateDir: string | undefined, more: Partial<CliContext> = {}) {
  return hintFor({ stateDir }, { command: 'crashmon', env: {}, uid: 0, ...more } as CliContext);
}

test('the state directory is repeated only where it was given by option', () => {
  assert.equal(hint(undefined)('show', '1a2b'), 'crashmon show 1a2b');
  assert.equal(
    hint('/tmp/x')('show', '1a2b', '--private'),
    'crashmon show 1a2b --private --state-dir /tmp/x',
  );
  assert.equal(hint('/var/lib/crashmon')('show'), 'crashmon show');
  assert.equal(hint(undefined, { env: { CRASHMON_STATE_DIR: '/tmp/x' } })('show'), 'crashmon show');
  assert.equal(hint('/tmp/x', { env: { CRASHMON_STATE_DIR: '/tmp/x/' } })('show'), 'crashmon show');
  assert.equal(
    hint('/tmp/y', { env: { CRASHMON_STATE_DIR: '/tmp/x' } })('logs'),
    'crashmon logs --state-dir /tmp/y',
  );
  assert.equal(hint('here')('logs'), `crashmon logs --state-dir ${join(process.cwd(), 'here')}`);
  assert.equal(hint('/tmp/x', { uid: 1 })('logs'), 'crashmon logs --state-dir /tmp/x');
});

test('it stands before the command of the worker', () => {
  assert.equal(hint('/tmp/x')('run', '--', 'node', 'a.js'), 'crashmon run --state-dir /tmp/x -- node a.js');
});

test('a shell reads every word as it is meant, and a terminal shows it', () => {
  const words = hint("/tmp/it's here", { command: '/srv/my app/crashmon' });
  assert.equal(words('arm', '$(id)'), `'/srv/my app/crashmon' arm '$(id)' --state-dir '/tmp/it'\\''s here'`);
  assert.equal(hint(undefined)('arm', '~root'), `crashmon arm '~root'`);
  assert.equal(hint(undefined)('arm', '@scope/shop@web~2'), 'crashmon arm @scope/shop@web~2');
  assert.equal(hint(undefined)('arm', 'a\u001b[2J\nb'), `crashmon arm 'a\\x1b[2J\\nb'`);
  assert.equal(hint(undefined)('logs', '<id>'), 'crashmon logs <id>');
});

test('crashmon is called as it was', () => {
  using directory = temporaryDirectory();
  const called = join(directory.path, 'crashmon');
  writeFileSync(called, '#!/bin/sh\n');
  chmodSync(called, 0o755);
  const PATH = `/nowhere:${directory.path}`;
  assert.equal(calledAs({}), 'crashmon');
  assert.equal(calledAs({ CRASHMON_COMMAND: './crashmon', PATH }), './crashmon');
  assert.equal(calledAs({ CRASHMON_COMMAND: called, PATH }), 'crashmon');
  assert.equal(calledAs({ CRASHMON_COMMAND: called, PATH: '/nowhere:' }), called);
  assert.equal(calledAs({ CRASHMON_COMMAND: called }), called);
});

test('commands that the verbs suggest can be copied as they are', () => {
  using stateDir = temporaryDirectory();
  sampleState(stateDir.path);
  const said = (...args: string[]) => {
    const more = { env: { CRASHMON_STATE_DIR: '/other' }, command: './crashmon', columns: 200 };
    const { stdout, error } = runVerb(stateDir.path, [...args, '--state-dir', stateDir.path], more);
    return `${stdout}${error?.message.replaceAll(stateDir.path, '/state') ?? ''}`;
  };
  const dir = '--state-dir /state';
  assert.match(said('show'), new RegExp(`/crashmon show 3f2a91c4 --private ${dir}$`, 'm'));
  assert.match(said('crashes'), new RegExp(`captured: ./crashmon show 3f2a91c4 ${dir}$`, 'm'));
  assert.match(said('logs'), new RegExp(`./crashmon logs <id> ${dir}$`, 'm'));
  assert.match(said('logs', 'abcd'), new RegExp(`./crashmon logs ${dir}$`));
  assert.match(said('show', 'x'), new RegExp(`: ./crashmon crashes ${dir}$`));
  assert.match(said('show', 'abcd'), new RegExp(`: ./crashmon crashes ${dir}$`));
  assert.match(said('show', 'beef00000001'), new RegExp(`: ./crashmon arm api ${dir}$`));
  assert.match(said('arm', 'api'), new RegExp(`:\\s./crashmon arm api --restart ${dir}\\s`));
  withJournal(stateDir.path, 'my job', 'web-1', (journal) => {
    journal.recordExit(sampleExit(1, { id: 'feed00000001' }), stateWith(1));
  });
  assert.match(said('show', 'feed'), new RegExp(`: ./crashmon arm 'my job' ${dir}$`));
  using empty = temporaryDirectory();
  const { stdout } = runVerb(empty.path, ['status', '--state-dir', empty.path], {
    env: { CRASHMON_STATE_DIR: '/x' },
  });
  assert.match(stdout, /crashmon run --state-dir \/state -- node server\.js$/m);
});
