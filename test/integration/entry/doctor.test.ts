import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { withJournal } from '../../support/cli/sample-state.ts';
import { crashmon } from '../../support/crashmon.ts';
import { nodeBinary } from '../../support/node-versions.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const NODE = nodeBinary(20).path;

type Answer = { willCapture: boolean | null; failed: string[]; warned: string[]; code: number | null };

async function doctor(cwd: string, ...command: string[]): Promise<Answer> {
  const args = ['doctor', '--json', ...(command.length > 0 ? ['--', ...command] : [])];
  const { code, stdout } = await crashmon(args, { stateDir: path.join(cwd, 'state'), cwd });
  const { willCapture, checks } = JSON.parse(stdout);
  const messages = (wanted: string) =>
    checks
      .filter(
        ({ check, result }: Record<string, string>) => result === wanted && !MACHINE.includes(`${check}`),
      )
      .map(({ check, message }: Record<string, string>) => `${check}: ${message}`);
  return { willCapture, failed: messages('failure'), warned: messages('warning'), code };
}

/** What the machine that tests run on may lack. */
const MACHINE = ['stderr', 'stderr-bound', 'oom-counter'];

test('doctor says what will be captured, what will not, and what it cannot know', async () => {
  await using app = await temporaryDirectory('doctor');
  writeFileSync(path.join(app.path, 'app.js'), '');
  const start = path.join(app.path, 'start');
  writeFileSync(start, '#!/bin/sh\n');
  const python = path.join(app.path, 'python3');
  writeFileSync(python, '#!/bin/sh\n');
  for (const file of [start, python]) chmodSync(file, 0o755);

  const works = { willCapture: true, failed: [], warned: [], code: 0 };
  assert.deepEqual(await doctor(app.path, NODE, 'app.js'), works);
  assert.deepEqual(await doctor(app.path), { ...works, willCapture: null });
  assert.deepEqual(await doctor(app.path, start), {
    willCapture: null,
    failed: [],
    warned: ['runtime: Nothing shows that this command runs Node.'],
    code: 0,
  });
  const failures = async (...command: string[]) => {
    const { willCapture, failed, code } = await doctor(app.path, ...command);
    assert.deepEqual({ willCapture, code }, { willCapture: false, code: 1 }, command.join(' '));
    return failed;
  };
  assert.deepEqual(await failures(NODE, 'missing.js'), [`script: There is no missing.js in ${app.path}.`]);
  assert.deepEqual(await failures(python, 'app.py'), ['runtime: The worker runs python3, not Node.']);
  assert.deepEqual(await failures('no-such-command'), ['command: The command no-such-command is not found.']);
  assert.equal((await failures(NODE, '--permission', 'app.js')).length, 1);
});

test('doctor looks at what is remembered of the app', async () => {
  await using app = await temporaryDirectory('doctor');
  writeFileSync(path.join(app.path, 'package.json'), '{"name": "shop"}');
  writeFileSync(path.join(app.path, 'app.js'), '');
  const directory = withJournal(path.join(app.path, 'state'), 'shop', 'web-1', () => {});
  const works = { willCapture: true, failed: [], warned: [], code: 0 };
  assert.deepEqual(await doctor(app.path, NODE, 'app.js'), works);
  writeFileSync(path.join(directory, 'journal.db'), 'no database\n'.repeat(1000));
  const damaged = await doctor(app.path, NODE, 'app.js');
  assert.equal(damaged.willCapture, true);
  assert.match(damaged.warned[0] ?? '', /^journal: The journal .* is damaged/);
});
