// Files that a JVM writes by itself, in a session; a real JVM. Those of .NET are in test/runtimes/dotnet-dumps.test.ts.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isRunning } from '../../../src/dumps/is-running.ts';
import { crashmon } from '../../support/crashmon.ts';
import { ageKey } from '../../support/dumps/age-key.ts';
import { type CompiledShop, compileShop } from '../../support/last-words/java-compiler.ts';
import { assertNothingLeft } from '../../support/leftovers.ts';
import type { RunningProgram } from '../../support/run-program.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { until } from '../native/armed.ts';
import { startRun } from '../run-worker.ts';

let shop: CompiledShop;
before(async () => {
  shop = await compileShop();
});
after(() => shop[Symbol.asyncDispose]());

const FLAGS = ['-Xmx32m', '-XX:+HeapDumpOnOutOfMemoryError', '-XX:+CrashOnOutOfMemoryError'];

type Listed = { id: string; kind: string; run: string; path: string; coreBytes: number; encryption: string };

async function session(stateDir: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await crashmon(['session', ...args], { stateDir });
  assert.equal(code, 0, stderr);
  return stdout;
}

async function dumpsOf(stateDir: string): Promise<Listed[]> {
  return (JSON.parse(await session(stateDir, 'dumps', '--json')) as { dumps: Listed[] }).dumps;
}

/** A JVM that fills its heap after a line on standard input. @param files where it writes */
async function startGrowing(stateDir: string, files: string): Promise<RunningProgram> {
  const flags = [...FLAGS, `-XX:HeapDumpPath=${files}`, `-XX:ErrorFile=${files}/hs_err_pid%p.log`];
  const script = 'ulimit -c 0; echo ready; read -r line; exec "$0" "$@"';
  const program = [shop.java, ...flags, '-cp', 'classes', 'com.shop.Shop', 'grow'];
  const agent = startRun({
    ...{ stateDir, cwd: shop.path, input: 'open', command: ['sh', '-c', script, ...program] },
    options: ['--restart-delay', '0', '--json'],
  });
  await agent.waitForLine('stdout', /ready/);
  await agent.waitForLine('stderr', /"event":"started"/);
  return agent;
}

/** The process that writes a dump. */
function writerIn(store: string): number | null {
  for (const name of readdirSync(store)) {
    const pid = /^\.\w+\.(\d+)\.core\.tmp$/.exec(name)?.[1];
    if (pid !== undefined && isRunning(Number(pid))) return Number(pid);
  }
  return null;
}

describe('in a session', { concurrency: 2 }, () => {
  test('copies of a heap dump and of hs_err are dumps, and the files stay', async () => {
    await using state = await stateDirectory();
    const { identity, recipient } = ageKey(state.path);
    const files = path.join(state.path, 'of-the-app');
    mkdirSync(files);
    await using agent = await startGrowing(state.path, files);
    await session(state.path, 'start', 'app', '--max-dumps', '2', '--key', recipient);
    agent.stdin.write('\n');
    const keptTwice = /"event":"dump","runId":"\w+","why":null[\s\S]*"event":"dump","runId":"\w+","why":null/;
    await agent.waitForLine('stderr', /"event":"dump","runId":"\w+","why":null,"left":0/);
    assert.match(agent.stderr, keptTwice);

    const dumps = await dumpsOf(state.path);
    assert.deepEqual(dumps.map(({ kind }) => kind).toSorted(), ['java-error', 'java-heap']);
    const written = readdirSync(files).map((name) => path.join(files, name));
    assert.equal(written.length, 2);
    for (const { id, kind, path: sealed, encryption, coreBytes } of dumps) {
      assert.equal(encryption, 'age');
      const extension = kind === 'java-heap' ? 'hprof' : 'hs_err';
      assert.equal(path.basename(sealed), `${id}.${extension}.zst.age`);
      const output = path.join(state.path, kind);
      await session(state.path, 'get', id, '--identity', identity, '--output', output);
      const original = written.find((each) => each.endsWith(kind === 'java-heap' ? '.hprof' : '.log')) ?? '';
      assert.ok(readFileSync(output).equals(readFileSync(original)));
      assert.equal(readFileSync(output).length, coreBytes);
      const shown = await session(state.path, 'show', id);
      assert.match(shown, /ran out of memory \(Java\)[\s\S]*encrypted with age/);
      assert.match(shown, new RegExp(`${id.slice(0, 8)}\\.${extension}, then `));
    }
    const table = await session(state.path, 'dumps');
    for (const words of ['Java heap dump', 'hs_err file of Java']) assert.ok(table.includes(words), table);
    for (const { id } of dumps) await session(state.path, 'delete', id);
    assert.deepEqual(await dumpsOf(state.path), []);
    assert.ok(written.every(existsSync), 'what the owner of the app configured is never deleted');
    agent.kill('SIGTERM');
    await agent.exited;
    await assertNothingLeft(state.path);
  });

  test('what is being written is said, and the session survives kill -9 of crashmon and of the writer', async () => {
    await using state = await stateDirectory();
    const files = path.join(state.path, 'of-the-app');
    const store = path.join(state.path, 'kept');
    mkdirSync(files);
    {
      await using agent = await startGrowing(state.path, files);
      await session(state.path, 'start', 'app', '--store', store);
      agent.stdin.write('\n');
      let writer: number | null = null;
      await until('a dump is written', () => {
        writer = writerIn(store);
        return writer !== null;
      });
      process.kill(writer ?? 0, 'SIGSTOP');
      for (const command of [['session', 'list'], ['session', 'dumps'], ['status']]) {
        const { stdout } = await crashmon(command, { stateDir: state.path });
        assert.match(
          stdout.replaceAll(/\s+/g, ' '),
          /dumps? (?:is|are) being written: .* so far/,
          command.join(' '),
        );
      }
      agent.kill('SIGKILL');
      process.kill(writer ?? 0, 'SIGKILL');
      await agent.exited;
    }
    await until('no other is written', () => writerIn(store) === null);
    assert.match(await session(state.path, 'list'), /of 3 dumps left/);
    assert.ok(!readdirSync(store).some((name) => name.endsWith('.tmp')), 'what is half is deleted');
    const before = (await dumpsOf(state.path)).length;
    await using agent = await startGrowing(state.path, files);
    agent.stdin.write('\n');
    await agent.waitForLine('stderr', /"event":"dump","runId":"\w+","why":null/);
    assert.ok((await dumpsOf(state.path)).length > before);
    agent.kill('SIGTERM');
    await agent.exited;
    await assertNothingLeft(state.path);
  });

  test('they count for --max-disk', async () => {
    await using state = await stateDirectory();
    const files = path.join(state.path, 'of-the-app');
    mkdirSync(files);
    await using agent = await startGrowing(state.path, files);
    await session(state.path, 'start', 'app', '--max-disk', '100KB', '--max-dumps', '9');
    agent.stdin.write('\n');
    await agent.waitForLine('stderr', /"event":"ended"/);
    await until(
      'both were tried',
      () => /"why":"max-disk"/.test(agent.stderr) && /"why":null/.test(agent.stderr),
    );
    const [dump, ...others] = await dumpsOf(state.path);
    assert.deepEqual([dump?.kind, others], ['java-error', []]);
    agent.kill('SIGTERM');
    await agent.exited;
    await assertNothingLeft(state.path);
  });
});
