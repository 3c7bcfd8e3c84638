import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { runLines } from '../support/cli/run-lines.ts';
import { CHECKOUT, crashmon, MAIN } from '../support/crashmon.ts';
import { assertGolden } from '../support/golden.ts';
import { IS_COMPLETE, matrix } from '../support/matrix.ts';
import { runProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const LONG = 'x'.repeat(5000);

const MISTAKES: string[][] = [
  ['bogus'],
  ['shwo'],
  ['help', 'nope'],
  ['help', 'stauts'],
  ['--versoin'],
  ['run'],
  ['run', '--nam', 'shop', '--', 'node'],
  ['run', '--state', '/tmp', '--', 'node'],
  ['run', '--window', '5', '--', 'node'],
  ['run', '--restart', 'sometimes', '--', 'node'],
  ['run', '--arm-after', '-1', '--', 'node'],
  ['run', '--name', '', '--', 'node'],
  ['run', '--name'],
  ['status', 'one', 'two'],
  ['status', '--state-dir', ''],
  ['crashes', '--limit', '0'],
  ['show', 'nonsense'],
  ['show', ''],
  ['arm'],
  ['arm', 'shop', '--auto', '--restart'],
  ['portal', 'token', 'add', 'shop'],
  ['portal', '--port', '70000'],
  ['portal', '--tls-cert', 'portal.crt'],
  ['portal', '--public-url', 'https://crashes.example.org/crashes'],
];

/** Of hostile text nothing may be obeyed by a terminal, read as a path, or fill the screen. */
const HOSTILE = [
  '',
  '.',
  '..',
  '../../etc',
  '/',
  '\u001b]0;x\u0007',
  'a\nb',
  '\u202eabc',
  LONG,
  '-'.repeat(5000),
];

test('a mistake on the command line is one line with the next step, and exit code 2', async () => {
  await using directory = await temporaryDirectory('mistakes');
  const stateDir = path.join(directory.path, 'state');
  const results = await runLines(MISTAKES, stateDir);
  let text = '';
  for (const [at, { code, stdout, stderr }] of results.entries()) {
    const args = MISTAKES[at] ?? [];
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' }, args.join(' '));
    assert.match(stderr, /^crashmon: .*\n$/);
    text += `$ crashmon ${args.map((arg) => arg || "''").join(' ')}\n${stderr}\n`;
  }
  assertGolden('cli/mistakes.txt', text);
  // What a process of its own prints, and exits with, is the same.
  for (const args of [['bogus'], ['run', '--nam', 'shop', '--', 'node']]) {
    const { code, stdout, stderr } = await crashmon(args, { stateDir });
    const at = MISTAKES.findIndex((mistake) => mistake.join() === args.join());
    assert.deepEqual({ code, stdout, stderr }, results[at]);
  }
  assert.equal(existsSync(stateDir), false, 'nothing was written');
});

const VERBS = ['status', 'crashes', 'show', 'logs', 'arm', 'disarm', 'bogus'];
/** Without arguments help is shown. */
const HOSTILE_ARGUMENTS = matrix(HOSTILE, VERBS, (text, verb) => text !== '' || verb !== 'bogus');

test('a hostile argument is one short line, nothing is written', async () => {
  await using directory = await temporaryDirectory('mistakes');
  const stateDir = path.join(directory.path, 'state');
  const commands = HOSTILE_ARGUMENTS.map(([hostile, verb]) =>
    verb === 'bogus' ? [hostile] : [verb, hostile],
  );
  const results = await runLines(commands, stateDir);
  assert.equal(results.length, commands.length);
  for (const [at, { code, stdout, stderr }] of results.entries()) {
    const what = JSON.stringify(commands[at]).slice(0, 80);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' }, what);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    assert.match(stderr, /^crashmon: [^\x00-\x1f\x7f-\x9f\u202e]{1,600}\n$/, what);
  }
  assert.equal(existsSync(stateDir), false);
});

test('a state directory that can be none is one short line', async () => {
  await using directory = await temporaryDirectory('mistakes');
  const stateDir = path.join(directory.path, 'state');
  for (const args of [['status'], ['run', '--', 'true']]) {
    const [verb = '', ...rest] = args;
    const { code, stderr } = await crashmon([verb, '--state-dir', LONG, ...rest], { stateDir });
    assert.equal(code, 2);
    assert.equal(stderr, 'crashmon: --state-dir is longer than a path can be (4095 bytes).\n');
  }
});

test('what cannot be used is one line, and nothing goes on to run', async () => {
  await using directory = await temporaryDirectory('mistakes');
  const stateDir = path.join(directory.path, 'state');
  const file = path.join(CHECKOUT, 'package.json');
  const failures: [args: string[], line: RegExp][] = [
    [
      ['portal', '--port', '0', '--tls-cert', file, '--tls-key', file],
      /: check --tls-cert and --tls-key\.\n$/,
    ],
    [['agent', '--state-dir', path.join(file, 'state')], /^crashmon: Cannot use \S+package\.json\/state/],
  ];
  for (const [args, line] of failures) {
    const { code, stderr } = await crashmon(args, { stateDir });
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^crashmon: (?!problem).*\n$/);
    assert.match(stderr, line);
  }
});

test('the next step names crashmon as it was called', async () => {
  const { stderr } = await runProgram('./crashmon', ['status', 'a', 'b'], { cwd: CHECKOUT });
  assert.match(stderr, / See \.\/crashmon status --help\n$/);
});

test('a full disk behind standard output is one line and exit code 1', async () => {
  await using state = await stateDirectory();
  const env = { CRASHMON_STATE_DIR: state.path };
  const others = ['crashes --json', 'logs', 'doctor', 'run --help', 'help'];
  const demo = `demo --state-dir ${state.path}`;
  for (const line of ['status', demo, '--version', ...(IS_COMPLETE ? others : [])]) {
    const shell = `exec "$0" "$1" ${line} >/dev/full`;
    const { code, stderr } = await runProgram('sh', ['-c', shell, process.execPath, MAIN], { env });
    const expected = 'crashmon: Cannot write to standard output (ENOSPC: no space left on device, write).\n';
    assert.deepEqual({ code, stderr }, { code: 1, stderr: expected }, line);
  }
  const shell = 'exec "$0" "$1" bogus 2>/dev/full';
  const mute = await runProgram('sh', ['-c', shell, process.execPath, MAIN], { env });
  assert.equal(mute.code, 2);
});

test('a closed pipe is not an error, for any verb', async () => {
  await using state = await temporaryDirectory('mistakes');
  for (const line of ['status', 'run --help', ...(IS_COMPLETE ? ['crashes --json', 'doctor'] : [])]) {
    const shell = `{ "$0" "$1" ${line}; echo "code $?" >&2; } | true`;
    const { stderr } = await runProgram('sh', ['-c', shell, process.execPath, MAIN], {
      env: { CRASHMON_STATE_DIR: state.path },
    });
    assert.equal(stderr, 'code 0\n', line);
  }
});
