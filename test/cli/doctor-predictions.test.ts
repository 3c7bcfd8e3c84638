import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import type { CliContext } from '../../src/cli/context.ts';
import type { Check } from '../../src/cli/doctor/check.ts';
import { checkCommand } from '../../src/cli/doctor/check-command.ts';
import { CHECKOUT, crashmon, startCrashmon } from '../support/crashmon.ts';
import { IS_COMPLETE } from '../support/matrix.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { nodeBinary } from '../support/node-versions.ts';
import { cleanEnvironment, pathWith } from '../support/npm.ts';
import type { RunningProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { storedExits } from '../support/stored-exits.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { untilReported } from '../support/until-reported.ts';

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());
const PACKAGES = path.join(CHECKOUT, 'test', 'apps', 'node_modules');

type Row = {
  what: string;
  command: readonly string[];
  files?: Readonly<Record<string, string>>;
  /** Brings the end about, where it does not come by itself. */
  drive?: (program: RunningProgram) => Promise<void>;
  /** What doctor says of JavaScript and of native code, and the checks of the command that are not ok. */
  doctor: [javaScript: boolean | null, native: boolean | null, ...checks: string[]];
  crash: 'javascript' | 'native';
  /** Was a call stack captured; else why status says that none can be; `unseen`: no crash was seen at all. */
  outcome: 'captured' | 'unseen' | (string & {});
  /** Here only what doctor says of the command: that it happens, other rows with the same parts show. */
  isRepeated?: true;
  /** The first crash has the next one captured, which need not come. */
  isNext?: true;
};

const THROWS = 'function fails() { null.x; }\nsetTimeout(fails, 50);\n';
const CLUSTER = `const cluster = require('node:cluster');
let dead = 0;
if (cluster.isPrimary) {
  for (let i = 0; i < 2; i++) cluster.fork();
  cluster.on('exit', () => { if (++dead === 2) process.exit(0); });
} else setTimeout(() => null.x, 3000);
`;
const START_SCRIPT = `const { fork } = require('node:child_process');
if (process.send === undefined) fork(__filename).on('exit', (code) => process.exit(code));
else setTimeout(() => null.x, 50);
`;
const NEXT = `require('next/dist/server/lib/start-server');\n${THROWS}`;
const GUNICORN = `import os, threading
dead = 0
def post_worker_init(worker):
    threading.Timer(2, lambda: os.kill(os.getpid(), 11)).start()
def child_exit(server, worker):
    global dead
    dead += 1
    if dead == 2:
        os._exit(0)
`;
const WSGI = 'def app(environ, start):\n    return []\n';
/** Not what a version manager has put before it. */
const PYTHON = '/usr/bin/python3';
const SEGFAULT = 'import ctypes\nctypes.string_at(16, 8)\n';

const ROWS: readonly Row[] = [
  {
    what: 'a Node app',
    command: ['node', 'app.js'],
    files: { 'app.js': THROWS },
    doctor: [true, true],
    crash: 'javascript',
    outcome: 'captured',
  },
  {
    what: 'npm start',
    isRepeated: true,
    command: ['npm', 'start'],
    files: { 'app.js': THROWS, 'package.json': '{"scripts": {"start": "node app.js"}}' },
    doctor: [true, true],
    crash: 'javascript',
    outcome: 'captured',
  },
  {
    what: 'a loader that compiles in memory',
    isRepeated: true,
    command: ['node', '--import', 'tsx', 'app.ts'],
    files: { 'app.ts': THROWS },
    doctor: [true, true, 'loader'],
    crash: 'javascript',
    outcome: 'captured',
  },
  {
    what: 'tsx',
    isRepeated: true,
    command: ['tsx', 'app.ts'],
    files: { 'app.ts': THROWS },
    doctor: [true, true, 'loader'],
    crash: 'javascript',
    outcome: 'captured',
  },
  {
    what: 'the standalone server of Next.js',
    isRepeated: true,
    command: ['node', 'server.js'],
    files: {
      'server.js': NEXT,
      'node_modules/next/dist/server/lib/start-server.js': '',
    },
    doctor: [true, true, 'request-errors'],
    crash: 'javascript',
    outcome: 'captured',
  },
  {
    what: 'a cluster',
    command: ['node', 'app.js'],
    files: { 'app.js': CLUSTER },
    doctor: [null, null, 'forks'],
    crash: 'javascript',
    outcome: 'captured',
  },
  {
    what: 'a start script that forks the server',
    command: ['node', 'app.js'],
    files: { 'app.js': START_SCRIPT },
    doctor: [null, null, 'forks'],
    crash: 'javascript',
    outcome: 'other-process',
  },
  {
    what: 'nodemon',
    command: ['nodemon', 'app.js'],
    files: { 'app.js': THROWS },
    drive: async (program) => {
      await program.waitForLine('stdout', /app crashed/);
      program.kill('SIGTERM');
    },
    doctor: [false, false, 'hides-crashes'],
    crash: 'javascript',
    outcome: 'unseen',
  },
  {
    what: 'nodemon that ends with the app',
    isRepeated: true,
    command: ['npm', 'start'],
    files: { 'app.js': THROWS, 'package.json': '{"scripts": {"start": "nodemon --exitcrash app.js"}}' },
    doctor: [true, true],
    crash: 'javascript',
    outcome: 'captured',
  },
  {
    what: 'a top-level await that never settles',
    command: ['node', 'app.mjs'],
    files: { 'app.mjs': 'await new Promise(() => {});\n' },
    // A command line does not show this ending.
    doctor: [true, true],
    crash: 'native',
    outcome: 'top-level-await',
  },
  {
    what: 'an exception of Python',
    command: [PYTHON, 'app.py'],
    files: { 'app.py': 'def price(code):\n    return {}[code]\nprice(7)\n' },
    doctor: [true, true],
    crash: 'javascript',
    outcome: 'captured',
  },
  {
    what: 'a fault of Python',
    isRepeated: true,
    command: [PYTHON, 'app.py'],
    files: { 'app.py': `input()\n${SEGFAULT}` },
    drive: async (program) => {
      await program.waitForLine('stderr', /debugger attached/);
      program.stdin.end('\n');
    },
    doctor: [true, true],
    crash: 'native',
    outcome: 'captured',
  },
  {
    what: 'an error of PHP behind npm start',
    isRepeated: true,
    command: ['npm', 'start'],
    files: {
      'app.php': '<?php sleep(2); throw new Exception("no");\n',
      'package.json': '{"scripts": {"start": "php app.php"}}',
    },
    doctor: [false, true, 'words'],
    crash: 'javascript',
    outcome: 'runtime',
  },
  {
    what: 'an exception of Ruby',
    isRepeated: true,
    command: ['ruby', 'app.rb'],
    files: { 'app.rb': 'raise KeyError\n' },
    doctor: [true, true],
    crash: 'javascript',
    outcome: 'captured',
  },
  {
    what: 'a shell script',
    command: ['bash', 'app.sh'],
    files: { 'app.sh': 'exit 3\n' },
    doctor: [null, true, 'runtime'],
    crash: 'javascript',
    outcome: 'no-probe',
  },
  {
    what: 'a program in C',
    command: [await compiler.compile('waits-to-crash.c')],
    drive: async (program) => {
      await program.waitForLine('stderr', /debugger attached/);
      process.kill(Number((await program.waitForLine('stderr', /started, pid (\d+)/))[1]), 'SIGSEGV');
    },
    doctor: [null, true, 'runtime'],
    crash: 'native',
    outcome: 'captured',
  },
  {
    what: 'a program in Go',
    command: ['age', '-r', 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'],
    // Go prints the stacks of its goroutines then, as after a panic, and exits with code 2.
    drive: async (program) => {
      await program.waitForLine('stderr', /not traced/);
      process.kill(Number((await program.waitForLine('stderr', /started, pid (\d+)/))[1]), 'SIGABRT');
    },
    doctor: [false, false, 'words', 'native-runtime'],
    crash: 'javascript',
    outcome: 'runtime',
  },
  {
    what: 'gunicorn',
    isRepeated: true,
    command: ['gunicorn', '--bind', 'unix:socket', 'app:app'],
    files: { 'app.py': WSGI, 'gunicorn.conf.py': GUNICORN },
    doctor: [null, null, 'forks'],
    crash: 'native',
    outcome: 'captured',
    isNext: true,
  },
  {
    what: 'nginx',
    command: ['nginx', '-p', '.', '-e', 'stderr', '-c', 'nginx.conf'],
    files: { 'nginx.conf': 'daemon off; user root; pid pid; error_log stderr notice; events {}\n' },
    drive: async (program) => {
      const [, worker] = await program.waitForLine('stderr', /start worker process (\d+)/);
      await program.waitForLine('stderr', /watching 1 process/);
      process.kill(Number(worker), 'SIGSEGV');
      await program.waitForLine('stderr', new RegExp(`worker process ${worker} exited on signal 11`));
      program.kill('SIGTERM');
    },
    doctor: [null, null, 'runtime', 'forks'],
    crash: 'native',
    outcome: 'captured',
    isNext: true,
  },
];

describe('what doctor says is what happens', { concurrency: 2 }, () => {
  for (const row of ROWS) test(row.what, async () => check(row));
});

async function check(row: Row): Promise<void> {
  const { command, files = {}, drive, doctor, crash, outcome, isNext } = row;
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('word');
  await writeFiles(app.path, files);
  const options = { stateDir: state.path, cwd: app.path, env: environment(app.path) };
  const ask = async (...args: string[]) => JSON.parse((await crashmon([...args, '--json'], options)).stdout);

  if (row.isRepeated && !IS_COMPLETE) {
    assert.deepEqual(notOk(checksOf(command, app.path)), doctor.slice(2));
    return;
  }
  const said = JSON.parse((await crashmon(['doctor', '--json', '--', ...command], options)).stdout);
  assert.deepEqual([said.willCapture, said.willCaptureNative, ...notOk(said.checks)], doctor);

  const policy = ['--name', 'shop', '--arm-after', '0', '--cooldown', '0', '--restart', 'never'];
  // Left open: some programs end with their input.
  await using program = startCrashmon(['run', ...policy, '--', ...command], { ...options, input: 'open' });
  await drive?.(program);
  await program.exited;
  const exits = storedExits(state.path);
  const [status] = (await ask('status')).apps;

  const isCounted = exits.some(({ verdict }) => verdict.counted);
  const seen = isCounted ? (status.noCapture?.reason ?? 'captured') : 'unseen';
  assert.equal(seen, outcome, `${JSON.stringify(exits[0]?.verdict)}\n${program.stderr}`);
  if (outcome === 'captured' && isNext !== true) await untilReported(state.path);
  // Doctor's word, and armed only where a capture can come.
  const word = crash === 'javascript' ? doctor[0] : doctor[1];
  if (word !== null && outcome !== 'top-level-await') assert.equal(outcome === 'captured', word);
  if (status.noCapture !== null) assert.equal(status.state, 'watching');
  if (ROWS.find((other) => other.outcome === outcome) !== row) return;
  const text = (await crashmon(['crashes'], options)).stdout.replaceAll(/\s+/g, ' ');
  assert.equal(/no capture possible: \w/.test(text), status.noCapture !== null, text);
  assert.equal(/will be captured/.test(text), status.noCapture === null, text);
}

/** What doctor says of the command, without the machine. */
function checksOf(command: readonly string[], folder: string): Check[] {
  const before = process.cwd();
  process.chdir(folder);
  try {
    const workerEnv = { ...process.env, ...environment(folder) };
    return checkCommand(command, { env: workerEnv, workerEnv } as unknown as CliContext);
  } finally {
    process.chdir(before);
  }
}

function notOk(checks: readonly Check[]): string[] {
  return checks.flatMap(({ check, result }) => (result !== 'ok' && OF_COMMAND.has(check) ? [check] : []));
}

const OF_COMMAND = new Set([
  'command',
  'runtime',
  'words',
  'script',
  'forks',
  'hides-crashes',
  'loader',
  'request-errors',
  'native-runtime',
]);

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(path.join(folder, 'node_modules/.bin'), { recursive: true });
  for (const name of ['tsx', 'nodemon']) {
    await symlink(path.join(PACKAGES, name), path.join(folder, 'node_modules', name));
    await symlink(path.join(PACKAGES, '.bin', name), path.join(folder, 'node_modules/.bin', name));
  }
  for (const [name, text] of Object.entries({ 'package.json': '{"name": "shop"}', ...files })) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
}

function environment(folder: string): Record<string, string | undefined> {
  return {
    ...cleanEnvironment(),
    TMPDIR: folder,
    HOME: folder,
    PATH: pathWith(path.dirname(nodeBinary(24).path), path.join(folder, 'node_modules/.bin'), '/usr/bin'),
    NO_UPDATE_NOTIFIER: '1',
    npm_config_update_notifier: 'false',
  };
}
