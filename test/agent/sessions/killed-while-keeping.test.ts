// kill -9 of crashmon, of the process that writes a dump, or of both, at random moments.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { crashmon } from '../../support/crashmon.ts';
import { ageKey } from '../../support/dumps/age-key.ts';
import {
  assertNothingLeft,
  placesInMemory,
  processesMarked,
  standardErrorFiles,
} from '../../support/leftovers.ts';
import { nativeCompiler } from '../../support/native/compile.ts';
import { rounds } from '../../support/rounds.ts';
import type { RunningProgram } from '../../support/run-program.ts';
import { SEED, seededRandom } from '../../support/seed.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { pidOf, tracerOf, until, untilAttached } from '../native/armed.ts';
import { fixture, startRun } from '../run-worker.ts';

const OPTIONS = ['--restart-delay', '0', '--json'];
const CANARY = 'CANARY-heap-1';
const WRITERS = /(?:analysis|seal)-process/;
const LONGEST_MS = { begin: 2000, file: 30 };
const DUMP_FILE = /\.(?:tmp|zst\.age)$/;

const KILLED = ['crashmon', 'writer', 'both'] as const;
/** `afterMs`: since what leaves a dump was begun, or since a file of it was there. */
type Moment = { from: 'begin' | 'file'; afterMs: number; killed: (typeof KILLED)[number] };

type Kind = {
  /** Of `crashmon run`. */
  armed: string[];
  endsWorker: boolean;
  /** Of `session start`. */
  options: string[];
  /** @param input a pipe that stays open when crashmon ends */
  command: (input: string) => Promise<{ started: string[]; running: string[] }>;
  /** The session has what it needs. */
  ready: (agent: RunningProgram) => Promise<void>;
  /** Begins what leaves a dump; the worker has read the canary. */
  act: (agent: RunningProgram, input: number) => void;
  /** How a dump of it begins. */
  magic: string;
};

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());

const crashing = {
  ...{ armed: [], endsWorker: true },
  async command(input: string) {
    const running = [await compiler.compile('waits-to-crash.c'), '3', '5'];
    return { started: ['sh', '-c', 'exec "$@" <"$0"', input, ...running], running };
  },
  ready: async (agent: RunningProgram) => await untilAttached(agent),
  act: (_agent: RunningProgram, input: number) => void writeSync(input, `${CANARY}\n`),
  magic: '\x7fELF',
};

const KINDS: Record<string, Kind> = {
  'a trimmed dump': { ...crashing, options: [] },
  'all memory': { ...crashing, options: ['--full'] },
  'a heap snapshot': {
    ...{ armed: ['--arm-after', '0'], endsWorker: false },
    options: ['--heap', '--heap-at', '40MB', '--heap-hold', '1h'],
    async command() {
      const [node = '', ...program] = fixture('grows-heap.cjs', 'small');
      const running = [node, '--max-old-space-size=100', ...program];
      return { started: running, running };
    },
    ready: async (agent) => void (await agent.waitForLine('stdout', /ready/)),
    act: (agent) => void agent.stdin.write('grow\n'),
    magic: '{"snapshot"',
  },
};

async function session(stateDir: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await crashmon(['session', ...args], { stateDir });
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Workers that run. */
function workersOf(stateDir: string, command: readonly string[]): number[] {
  const marked = processesMarked(stateDir).filter(({ commandLine }) => commandLine === command.join(' '));
  return marked.map(({ pid }) => pid);
}

function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function filesBelow(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
}

function assertNoCanary(stateDir: string): void {
  const places = [stateDir, ...placesInMemory(stateDir)].flatMap(filesBelow);
  for (const file of [...places, ...standardErrorFiles(stateDir)]) {
    // One that crashmon has just deleted has nothing.
    const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
    assert.ok(!bytes.includes('CANARY'), file);
  }
}

/** What is listed can be opened, and there is nothing half. */
async function assertWhole(stateDir: string, identity: string, magic: string): Promise<void> {
  const output = path.join(stateDir, 'opened');
  const listed = JSON.parse(await session(stateDir, 'dumps', '--json'));
  for (const { id, coreBytes } of listed.dumps as { id: string; coreBytes: number }[]) {
    await session(stateDir, 'get', id, '--identity', identity, '--output', output);
    const bytes = readFileSync(output);
    rmSync(output);
    assert.deepEqual([bytes.toString('latin1', 0, magic.length), bytes.length], [magic, coreBytes]);
  }
  const files = filesBelow(stateDir);
  assert.ok(!files.some((file) => file.endsWith('.tmp') && isOrphan(file)), files.join());
}

/** Its writer has ended. */
function isOrphan(file: string): boolean {
  return !isAlive(Number(path.basename(file).split('.')[2]));
}

describe(`kill -9 while a dump is kept (seed ${SEED})`, { concurrency: 2 }, () => {
  for (const [name, kind] of Object.entries(KINDS)) {
    test(`of ${name}`, { timeout: rounds(300_000) }, async () => {
      const random = seededRandom(SEED + name.length);
      for (let round = 0; round < rounds(2); round++) {
        await using state = await stateDirectory();
        const from = round % 2 === 0 ? 'file' : 'begin';
        const afterMs = random() * LONGEST_MS[from];
        const killed = KILLED[Math.floor(random() * KILLED.length)] ?? 'both';
        await killedAt(state.path, kind, { from, afterMs, killed });
        await assertNothingLeft(state.path);
      }
    });
  }
});

async function killedAt(stateDir: string, kind: Kind, moment: Moment): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const fifo = path.join(stateDir, 'input');
  execFileSync('mkfifo', [fifo]);
  const input = openSync(fifo, 'r+');
  stack.defer(() => closeSync(input));
  const { started: command, running: worker } = await kind.command(fifo);
  const { identity, recipient } = ageKey(stateDir);
  const watched = { stateDir, options: [...OPTIONS, ...kind.armed], command, input: 'open' } as const;
  await using first = startRun(watched);
  await first.waitForLine('stderr', /"event":"started"/);
  await session(stateDir, 'start', 'app', ...kind.options, '--max-dumps', '9', '--key', recipient);
  await kind.ready(first);
  const crashing = kind.endsWorker ? [pidOf(first)] : [];
  kind.act(first, input);
  if (moment.from === 'file')
    await until(`it is written: ${first.stderr}`, () =>
      filesBelow(stateDir).some((file) => DUMP_FILE.test(file)),
    );
  await delay(moment.afterMs);
  if (moment.killed !== 'crashmon') {
    const writers = processesMarked(stateDir).filter(({ commandLine }) => WRITERS.test(commandLine));
    killAll(writers.map(({ pid }) => pid));
  }
  let agent = first;
  if (moment.killed !== 'writer') {
    const running = workersOf(stateDir, worker).filter((pid) => !crashing.includes(pid));
    first.kill('SIGKILL');
    await first.exited;
    for (const pid of running) {
      assert.ok(isAlive(pid), `worker ${pid} (${JSON.stringify(moment)})`);
      await until('it is untraced', () => tracerOf(pid) === 0);
    }
    agent = stack.use(startRun(watched));
    await agent.waitForLine('stderr', /"event":"(?:started|taken-over)"/);
  }
  assertNoCanary(stateDir);
  await assertWhole(stateDir, identity, kind.magic);
  await session(stateDir, 'stop', 'app');
  agent.kill('SIGTERM');
  await agent.exited;
  await assertNothingLeft(stateDir);
  await assertWhole(stateDir, identity, kind.magic);
  assertNoCanary(stateDir);
}
