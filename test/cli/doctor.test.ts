import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { withJournal } from '../support/cli/sample-state.ts';
import { crashmon } from '../support/crashmon.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { nodeBinary } from '../support/node-versions.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NODE = nodeBinary(20).path;

type Answer = {
  willCapture: boolean | null;
  native: boolean | null;
  failed: string[];
  warned: string[];
  code: number | null;
};

async function doctor(cwd: string, ...command: string[]): Promise<Answer> {
  return await doctorIn({}, cwd, ...command);
}

async function doctorIn(env: Record<string, string>, cwd: string, ...command: string[]): Promise<Answer> {
  const args = ['doctor', '--json', ...(command.length > 0 ? ['--', ...command] : [])];
  const { code, stdout } = await crashmon(args, { stateDir: path.join(cwd, 'state'), cwd, env });
  const { willCapture, willCaptureNative, checks } = JSON.parse(stdout);
  const messages = (wanted: string) =>
    checks
      .filter(
        ({ check, result }: Record<string, string>) => result === wanted && !MACHINE.includes(`${check}`),
      )
      .map(({ check, message }: Record<string, string>) => `${check}: ${message}`);
  return {
    willCapture,
    native: willCaptureNative,
    failed: messages('failure'),
    warned: messages('warning'),
    code,
  };
}

/** What the machine that tests run on may lack. */
const MACHINE = ['stderr', 'stderr-bound', 'oom-counter', 'native-dump'];

test('doctor says what will be captured, what will not, and what it cannot know', async () => {
  await using app = await temporaryDirectory('doctor');
  writeFileSync(path.join(app.path, 'app.js'), '');
  const start = path.join(app.path, 'start');
  writeFileSync(start, '#!/bin/sh\n');
  const python = path.join(app.path, 'python3');
  writeFileSync(python, '#!/bin/sh\n');
  for (const file of [start, python]) chmodSync(file, 0o755);

  const works = { willCapture: true, native: true, failed: [], warned: [], code: 0 };
  assert.deepEqual(await doctor(app.path, NODE, 'app.js'), works);
  assert.deepEqual(await doctor(app.path), { ...works, willCapture: null, native: null });
  assert.deepEqual(await doctor(app.path, start), {
    willCapture: null,
    native: true,
    failed: [],
    warned: ['runtime: Cannot determine whether this command runs Node.'],
    code: 0,
  });
  const failures = async (...command: string[]) => {
    const { willCapture, failed, code } = await doctor(app.path, ...command);
    assert.deepEqual({ willCapture, code }, { willCapture: false, code: 1 }, command.join(' '));
    return failed;
  };
  assert.deepEqual(await failures(NODE, 'missing.js'), [`script: Not found: missing.js in ${app.path}.`]);
  const trial = 'trial: A trial crash was not captured: the probe was not loaded.';
  assert.deepEqual(await failures(python, 'app.py'), [trial]);
  assert.deepEqual(await failures('no-such-command'), ['command: Command not found: no-such-command.']);
  assert.deepEqual(await failures('./app.js'), ['command: Not executable: ./app.js.']);
  assert.deepEqual(await failures('./'), ['command: Not executable: ./.']);
  assert.equal((await failures(NODE, '--permission', 'app.js')).length, 1);
});

test('doctor looks at what is remembered of the app', async () => {
  await using app = await temporaryDirectory('doctor');
  writeFileSync(path.join(app.path, 'package.json'), '{"name": "shop"}');
  writeFileSync(path.join(app.path, 'app.js'), '');
  const directory = withJournal(path.join(app.path, 'state'), 'shop', 'web-1', () => {});
  const works = { willCapture: true, native: true, failed: [], warned: [], code: 0 };
  assert.deepEqual(await doctor(app.path, NODE, 'app.js'), works);
  writeFileSync(path.join(directory, 'journal.db'), 'no database\n'.repeat(1000));
  const damaged = await doctor(app.path, NODE, 'app.js');
  assert.equal(damaged.willCapture, true);
  assert.match(damaged.warned[0] ?? '', /^journal: The journal .* is damaged/);
});

test('doctor says what keeps native crashes from being captured, which keeps no exception from it', async () => {
  await using app = await temporaryDirectory('doctor');
  writeFileSync(path.join(app.path, 'app.js'), '');
  const warned = async (env: Record<string, string>, ...command: string[]) => {
    const answer = await doctorIn(env, app.path, ...command);
    assert.deepEqual({ ...answer, warned: [] }, { ...WITHOUT_NATIVE, warned: [] });
    assert.equal(answer.warned.length, 1);
    return answer.warned[0];
  };
  const off = await warned({ CRASHMON_DEBUGGER: 'Off' }, NODE, 'app.js');
  assert.equal(off, 'debugger-switch: The debugger is switched off: CRASHMON_DEBUGGER=Off.');

  const tools = path.join(app.path, 'tools');
  mkdirSync(tools);
  for (const tool of ['sh', 'env', 'fallocate', 'tail'])
    symlinkSync(`/usr/bin/${tool}`, path.join(tools, tool));
  const missing = await warned({ PATH: tools }, NODE, 'app.js');
  assert.match(missing ?? '', /^gdbserver: gdbserver is not installed/);

  const debuggerOf = (script: string) => {
    writeFileSync(path.join(tools, 'gdbserver'), `#!/bin/sh\n${script}\n`);
    chmodSync(path.join(tools, 'gdbserver'), 0o755);
    return warned({ PATH: `${tools}:${process.env.PATH}` }, NODE, 'app.js');
  };
  const asUser = 'exec setpriv --reuid=65534 --regid=65534 --clear-groups /usr/bin/gdbserver "$@"';
  assert.match((await debuggerOf(asUser)) ?? '', /^native-trial: Cannot attach a debugger/);
  const broken = 'native-trial: Cannot attach a debugger: gdbserver does not answer as expected.';
  assert.equal(await debuggerOf('exit 0'), broken);
});

const WITHOUT_NATIVE = { willCapture: true, native: false, failed: [], warned: [], code: 0 };

test('doctor knows programs that are not traced, and says which crashes will have a call stack', async () => {
  await using app = await temporaryDirectory('doctor');
  await using compiler = await nativeCompiler();
  const go = await compiler.compile('has-go-note.c', []);
  const { willCapture, native, warned } = await doctor(app.path, go);
  assert.deepEqual([willCapture, native], [false, false]);
  assert.match(warned[1] ?? '', /^native-runtime: Go programs are not traced: .*\.$/);
  const java = path.join(app.path, 'java');
  copyFileSync(await compiler.compile('has-go-note.c', ['-DPLAIN']), java);
  const jvm = await doctor(app.path, java);
  assert.deepEqual([jvm.willCapture, jvm.native], [false, false]);
  assert.match(
    jvm.warned[0] ?? '',
    /^words: The worker runs java: its exceptions are .* read from standard error/,
  );
  assert.deepEqual([jvm.failed, jvm.code], [[], 0]);

  const text = async (...args: string[]) =>
    (await crashmon(['doctor', ...args], { stateDir: app.path, cwd: app.path })).stdout;
  assert.match(
    await text(),
    /JavaScript: also .* call stack where the command .*\n {2}native code: .* call stack where/,
  );
  const printed = 'call stack, if the runtime prints one\\n';
  const expected = `Exceptions will be read from standard error for: .*\\n.*process.exit\\) +${printed}.* ${printed}$`;
  assert.match(await text('--', java), new RegExp(expected));
  writeFileSync(path.join(app.path, 'cluster.js'), "require('node:cluster');\n");
  assert.match(
    await text('--', process.execPath, 'cluster.js'),
    /✓ crashmon captures exceptions of the workers .*\n(?:.*\n)*Crashes of the main process and of its workers will be captured for: .*\n.*process.exit\) +call stack\n.* call stack; of workers, of at most five at a time\n$/,
  );
  assert.match(
    await text('--', 'nginx'),
    /✓ crashmon reads what the workers .*\n(?:.*\n)*.* fatal signals of its workers will be captured, .*\n.* in workers, if .*\n.* call stack; of workers, of at most five at a time\n$/,
  );
  const python = path.join(app.path, 'python3');
  writeFileSync(python, '#!/bin/sh\n');
  chmodSync(python, 0o755);
  assert.match(await text('--', python), /Only native crashes .*\n.* no call stack\n.*[^o] call stack\n$/);
});
