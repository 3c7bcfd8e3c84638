import assert from 'node:assert/strict';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { CHECKOUT } from '../support/crashmon.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { matrix } from '../support/matrix.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { nodeBinary } from '../support/node-versions.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { MODES, type Mode, type Subject, seen } from './run-both.ts';

const FIXTURES = path.join(CHECKOUT, 'test', 'fixtures', 'transparency');
const PYTHON = '/usr/bin/python3';
const NODE = nodeBinary(24).path;

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());

const file = (name: string) => path.join(FIXTURES, name);
const compiled = (name: string) => compiler.compile(`../transparency/${name}`);
const native = (name: string) => compiler.compile(name);
const ODD_ARGUMENTS = ['', 'a b', "it's", '"$HOME"', 'line\nline', '--quiet', 'ü', '*'];
const NO_SIGNAL_IGNORED = 'exec 3</etc/passwd';

const SUBJECTS: readonly (Subject & { what: string; ends: number | string })[] = [
  {
    what: 'sh prints its surroundings',
    command: ['sh', file('prints-surroundings.sh'), ...ODD_ARGUMENTS],
    ends: 0,
  },
  {
    what: 'Python prints its surroundings',
    command: [PYTHON, file('prints-surroundings.py'), ...ODD_ARGUMENTS],
    ends: 0,
  },
  {
    what: 'Perl prints its surroundings',
    command: ['perl', file('prints-surroundings.pl'), ...ODD_ARGUMENTS],
    ends: 0,
  },
  {
    what: 'PHP prints its surroundings',
    command: ['php', file('prints-surroundings.php'), ...ODD_ARGUMENTS],
    ends: 0,
  },
  {
    what: 'Node prints its surroundings',
    command: [NODE, '--stack-trace-limit=7', file('prints-surroundings.cjs'), ...ODD_ARGUMENTS],
    ends: 0,
  },
  {
    what: 'C prints its surroundings',
    command: [await compiled('prints-surroundings.c'), ...ODD_ARGUMENTS],
    ends: 0,
  },
  {
    what: 'C behind sh and env',
    command: ['sh', '-c', `env -u LANG '${await compiled('prints-surroundings.c')}'; exit 3`],
    ends: 3,
  },
  { what: 'Python starts a child', command: [PYTHON, file('starts-children.py')], ends: 0 },
  {
    what: 'a program without standard input and output',
    command: ['sh', '-c', 'ls /proc/$$/fd >&2; true'],
    surroundings: 'exec <&- >&-',
    ends: 0,
  },
  { what: 'a program in another directory', command: ['sh', '-c', 'pwd; ls'], cwd: FIXTURES, ends: 0 },
  {
    what: 'a write to a closed pipe',
    command: [await compiled('writes-to-closed-pipe.c')],
    surroundings: NO_SIGNAL_IGNORED,
    ends: 'SIGPIPE',
  },
  {
    what: 'the same, as systemd starts it',
    command: [await compiled('writes-to-closed-pipe.c')],
    surroundings: "trap '' PIPE",
    ends: 4,
  },
  {
    what: 'a program that opens all the files it can',
    command: [await compiled('opens-many-files.c')],
    ends: 0,
  },
  {
    what: 'bytes through Python',
    command: [PYTHON, file('reads-input.py')],
    input: 'päckchen\r\n\0'.repeat(30_000),
    ends: 0,
  },
  { what: 'lines through PHP', command: ['php', file('reads-input.php')], input: 'one\ntwo', ends: 5 },
  { what: 'an empty input', command: ['sh', '-c', 'cat; echo "status $?"; exit 6'], ends: 6 },
  { what: 'an exception in Node', command: [NODE, file('throws.cjs')], ends: 1 },
  { what: 'a rejection in Node', command: [NODE, file('throws.cjs'), 'rejects'], ends: 1 },
  { what: 'a fault in C', command: [await native('reads-null.c')], ends: 'SIGSEGV' },
  { what: 'an exception in Python', command: [PYTHON, '-c', 'raise SystemExit("failed")'], ends: 1 },
  {
    what: 'a shell that kills itself',
    command: ['sh', '-c', 'echo out; echo err >&2; kill -KILL $$'],
    ends: 'SIGKILL',
  },
  { what: 'an exit code above 128', command: ['perl', '-e', 'print STDERR "bye\\n"; exit 137'], ends: 137 },
  {
    what: 'signals to Perl',
    command: ['perl', file('prints-signals.pl')],
    surroundings: NO_SIGNAL_IGNORED,
    ends: 9,
    async meanwhile(running) {
      await running.waitForLine('stdout', /^ready/);
      for (const name of ['HUP', 'USR1', 'USR2', 'WINCH'] as const) {
        running.kill(`SIG${name}`);
        await running.waitForLine('stdout', new RegExp(`^got ${name}`));
      }
      running.kill('SIGTERM');
    },
  },
];

const WAYS = (Object.keys(MODES) as Mode[]).filter((mode) => mode !== 'bare');

describe('a program does and sees under crashmon what it does and sees without', { concurrency: 2 }, () => {
  for (const [{ what, ends, ...subject }, mode] of matrix(SUBJECTS, WAYS)) {
    test(`${what}, ${mode}`, async () => {
      await using state = await stateDirectory();
      const bare = await seen('bare', subject, state.path);
      assert.equal(bare.signal ?? bare.code, ends, bare.stderr);
      assert.deepEqual(await seen(mode, subject, state.path), bare);
      await assertNothingLeft(state.path);
    });
  }
});
