import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { canKeepMemory } from '../../../src/debugger/kept-memory.ts';
import { readChildren } from '../../../src/debugger/traced-process.ts';
import { crashmon, MAIN } from '../../support/crashmon.ts';
import { ageKey } from '../../support/dumps/age-key.ts';
import { assertNothingLeft, standardErrorFiles } from '../../support/leftovers.ts';
import { nativeCompiler } from '../../support/native/compile.ts';
import { fullCore } from '../../support/native/full-core.ts';
import { type RunningProgram, runProgram } from '../../support/run-program.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { pidOf, until, untilAttached } from '../native/armed.ts';
import { fixture, startRun } from '../run-worker.ts';

const AT_ONCE = ['--restart-delay', '0', '--json'];
/** fgets() of the program takes 15 characters. */
const CANARY = 'CANARY-heap-1';

async function session(stateDir: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await crashmon(['session', ...args], { stateDir });
  assert.equal(code, 0, stderr);
  return `${stdout}${stderr}`.replaceAll(/\s+/g, ' ');
}

type Dump = { id: string; path: string; memory: string; whyNotAll: string | null };

async function newestDump(stateDir: string): Promise<Dump> {
  const { stdout } = await crashmon(['session', 'dumps', '--json'], { stateDir });
  const [newest] = (JSON.parse(stdout) as { dumps: Dump[] }).dumps;
  assert.ok(newest);
  return newest;
}

function gdb(program: string, core: string, ...commands: string[]): string {
  const all = ['set debuginfod enabled off', ...commands].flatMap((each) => ['-ex', each]);
  const args = ['-batch', '-nx', ...all, program, core];
  return execFileSync('gdb', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/** Function names, innermost first, of the crashing thread. */
function calls(backtrace: string): string[] {
  return Array.from(backtrace.matchAll(/^#\d+ +(?:0x\w+ in )?([\w:]+) \(/gm), ([, name = '']) => name);
}

function keepersOf(agent: RunningProgram): number[] {
  return readChildren(agent.pid).filter((pid) => commandOf(pid).startsWith('memory-keeper'));
}

/** Empty once it has ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Ends the worker that runs, and waits until crashmon has seen it. */
async function crash(agent: RunningProgram): Promise<void> {
  const from = agent.stderr.length;
  agent.stdin.write(`${CANARY}\n`);
  await agent.waitForLine('stderr', /"event":"ended"/, from);
}

async function untilKept(agent: RunningProgram, from: number): Promise<void> {
  await agent.waitForLine('stderr', /"event":"dump","runId":"\w+","why":null/, from);
}

function filesBelow(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
}

/** What a file holds; nothing if crashmon has just deleted it. */
function bytesIn(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

test('all memory of a worker is in its dump and nowhere else; what is lost leaves the stacks, or nothing', async () => {
  assert.ok(canKeepMemory(), 'it takes CAP_SYS_PTRACE: run the tests as root');
  await using compiler = await nativeCompiler();
  await using state = await stateDirectory();
  const program = await compiler.compile('waits-to-crash.c');
  const { identity: key, recipient } = ageKey(state.path);
  {
    await using agent = startRun({
      ...{ stateDir: state.path, options: AT_ONCE, command: [program, '3', '5'], input: 'open' },
    });
    await agent.waitForLine('stderr', /"event":"started"/);
    const said = await session(state.path, 'start', 'app', '--full', '--max-dumps', '2', '--key', recipient);
    assert.match(said, /All memory is kept: \d+(?:\.\d)? MB of the process now\. .* about \d+ ms longer/);
    await untilAttached(agent);

    let from = agent.stderr.length;
    await crash(agent);
    await untilKept(agent, from);
    await until('the memory is given back', () => keepersOf(agent).length === 0);
    const dump = await newestDump(state.path);
    assert.deepEqual([dump.memory, dump.whyNotAll], ['all', null]);
    const values = await session(state.path, 'show', dump.id, '--locals', '--identity', key);
    assert.match(values, /[0-9a-f]{40} 0x\w+ \S+waits-to-crash .* line = "CANARY-heap-1/);
    const core = path.join(state.path, 'core');
    await session(state.path, 'get', dump.id, '--identity', key, '--output', core);
    const text = gdb(program, core, 'print heap', 'thread apply all backtrace');
    assert.match(text, /\$1 = 0x\w+ "CANARY-heap-1/);
    assert.equal(text.match(/^Thread \d/gm)?.length, 3);
    const input = path.join(state.path, 'input');
    writeFileSync(input, 'x\n');
    const whole = await fullCore(['sh', '-c', 'exec "$0" 3 5 < "$1"', program, input], state.path);
    assert.deepEqual(calls(gdb(program, core, 'backtrace')), calls(gdb(program, whole, 'backtrace')));

    await until('the next worker is attached', () => agent.stderr.split('"state":"attached"').length > 2);
    from = agent.stderr.length;
    await crash(agent);
    for (const pid of keepersOf(agent)) process.kill(pid, 'SIGKILL');
    await untilKept(agent, from);
    const rest = await newestDump(state.path);
    assert.deepEqual([rest.memory, rest.whyNotAll], ['stacks', 'lost']);
    assert.match(await session(state.path, 'show', rest.id), /Stacks without the heap, because the memory/);

    from = agent.stderr.length;
    await session(state.path, 'start', 'app', '--full', '--key', recipient);
    await untilAttached(agent, from);
    await crash(agent);
    const keepers = keepersOf(agent);
    await agent.waitForLine('stderr', /"event":"started"/, from);
    assert.equal(keepers.length, 1);
    agent.kill('SIGKILL');
    await agent.exited;
    await until('its memory is given back', () => keepers.every((pid) => commandOf(pid) === ''));
    process.kill(pidOf(agent), 'SIGKILL');
    for (const file of [...filesBelow(state.path), ...standardErrorFiles(state.path)])
      assert.ok([core, whole].includes(file) || !bytesIn(file).includes('CANARY'), file);
    assert.equal(readdirSync(path.dirname(dump.path)).length, 4, 'two dumps, with their facts');
  }
});

test('all memory of Node.js opens in gdb, unless it does not fit; without the capability it is refused', async () => {
  await using state = await stateDirectory();
  const command = fixture('prints-signals.cjs', 'ends');
  await using agent = startRun({ stateDir: state.path, options: AT_ONCE, command });
  await agent.waitForLine('stdout', /^running/);
  const start = ['session', 'start', 'app', '--full', '--max-dumps', '1'];
  const without = ['--bounding-set', '-sys_ptrace', process.execPath, MAIN, ...start];
  const refused = await runProgram('setpriv', without, { env: { CRASHMON_STATE_DIR: state.path } });
  assert.match(refused.stderr, /--full is not possible here: crashmon must run as root/);
  const crashIn = async (...options: string[]) => {
    const from = agent.stderr.length;
    await session(state.path, ...start.slice(1), ...options);
    await untilAttached(agent, from);
    process.kill(pidOf(agent), 'SIGSEGV');
    await untilKept(agent, from);
  };
  await crashIn('--max-disk', '1MB');
  assert.equal((await newestDump(state.path)).whyNotAll, 'no-room');
  await crashIn();
  const dump = await newestDump(state.path);
  assert.deepEqual([dump.memory, dump.whyNotAll], ['all', null]);
  const core = path.join(state.path, 'core');
  await session(state.path, 'get', dump.id, '--output', core);
  const text = gdb(process.execPath, core, 'info threads', 'backtrace 3', 'x/2i $pc');
  assert.match(text, /^ +\d+ +(?:Thread|LWP)/m);
  assert.match(text, /^#2 /m);
  agent.kill('SIGTERM');
  await agent.exited;
  await assertNothingLeft(state.path);
});
