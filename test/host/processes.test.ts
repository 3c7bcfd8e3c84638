import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { HostExits } from '../../src/host/capture/host-exits.ts';
import type { WatchRule } from '../../src/host/discover/watch-rule.ts';
import { NewProcesses } from '../../src/host/processes/new-processes.ts';
import { ORPHAN_MS, ProcessFinder } from '../../src/host/processes/process-finder.ts';
import { ProcessSource } from '../../src/host/processes/process-source.ts';
import type { ServiceExit, ServiceStart } from '../../src/host/source.ts';
import { readProcessStat } from '../../src/worker/process-info.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { startProgram } from '../support/run-program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const FIXTURE = path.join(CHECKOUT, 'test', 'fixtures', 'host', 'process-app.cjs');
const directory = await temporaryDirectory('processes');
after(() => directory[Symbol.asyncDispose]());

/** A program of the test's own name, and a rule for it. */
async function program(): Promise<{ file: string; rule: WatchRule }> {
  const name = `app-${randomUUID()}`;
  const file = path.join(directory.path, `${name}.cjs`);
  await copyFile(FIXTURE, file);
  return { file, rule: { name, command: `*${name}.cjs` } };
}

/** Waits until a process is so old that what is known of it is not read again at once. */
async function settled(pid: number): Promise<void> {
  const SETTLED_S = 4;
  const { startTicks } = readProcessStat(pid) ?? assert.fail(`no process ${pid}`);
  await setTimeout((startTicks / 100 + SETTLED_S - uptime()) * 1_000);
}

/** What a source reports, in its order. */
class Reports implements AsyncDisposable {
  readonly #source: ProcessSource;
  readonly #exitWatch: HostExits | null;
  readonly #arrived = new EventTarget();
  readonly #starts: ServiceStart[] = [];
  readonly #exits: ServiceExit[] = [];

  constructor(rules: readonly WatchRule[], hasExitWatch = true) {
    this.#exitWatch = hasExitWatch ? new HostExits((message) => assert.fail(message)) : null;
    this.#source = new ProcessSource({
      rules: () => rules,
      exits: this.#exitWatch,
      started: new NewProcesses(50),
    });
  }

  async begin(): Promise<this> {
    const arrived = () => this.#arrived.dispatchEvent(new Event('report'));
    await this.#source.begin({
      started: (start) => {
        this.#starts.push(start);
        arrived();
      },
      exited: async (exit) => {
        // The words can be read until this settles.
        const words = await exit.lastWords();
        this.#exits.push({ ...exit, lastWords: async () => words });
        arrived();
        return true;
      },
      missed: () => assert.fail('missed'),
      gone: () => assert.fail('gone'),
      problem: (message) => assert.fail(message),
    });
    return this;
  }

  start(): Promise<ServiceStart> {
    return this.#next(this.#starts);
  }

  exit(): Promise<ServiceExit> {
    return this.#next(this.#exits);
  }

  async #next<Report>(reports: Report[]): Promise<Report> {
    for (;;) {
      const report = reports.shift();
      if (report !== undefined) return report;
      await once(this.#arrived, 'report', { signal: AbortSignal.timeout(30_000) });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.end();
    await this.#exitWatch?.end();
  }
}

test('a process is found by its command line, and how it ends is reported', async () => {
  const { file, rule } = await program();
  await using before = startProgram(process.execPath, [file], { input: 'open' });
  await before.waitForLine('stdout', /ready/);
  await using reports = await new Reports([rule]).begin();
  const first = await reports.start();
  assert.deepEqual(
    [first.service.id, first.service.name, first.service.replica, first.pid],
    [`process:${rule.name}`, rule.name, null, before.pid],
  );
  assert.ok(Math.abs(Date.now() - first.startedAtMs) < 60_000);
  before.stdin.write('exit 3\n');
  const exit = await reports.exit();
  assert.deepEqual([exit.start, exit.status, exit.asked], [first, { type: 'code', code: 3 }, false]);

  await using later = startProgram(process.execPath, [file], { input: 'open' });
  const second = await reports.start();
  assert.deepEqual([second.service.id, second.pid], [first.service.id, later.pid]);
  assert.notEqual(second.key, first.key);
  later.stdin.write('kill SIGSEGV\n');
  assert.deepEqual((await reports.exit()).status, { type: 'signal', signal: 'SIGSEGV' });
});

test('of several, each has a number; a shell around it and what it starts do not count', async () => {
  const { file, rule } = await program();
  await using reports = await new Reports([rule]).begin();
  const shell = `'${process.execPath}' '${file}'`;
  await using one = startProgram('sh', ['-c', `${shell}; true`], { input: 'open' });
  const first = await reports.start();
  await using other = startProgram(process.execPath, [file], { input: 'open' });
  const second = await reports.start();
  assert.deepEqual([first.service.replica, second.service.replica, second.pid], [null, '2', other.pid]);
  assert.notEqual(first.pid, one.pid);
  one.stdin.write('exit 1\n');
  assert.equal((await reports.exit()).start.key, first.key);
  other.stdin.write('exit 1\n');
  assert.equal((await reports.exit()).start.key, second.key);
});

test('one that has ended is not found again while its parent does not know it', async () => {
  const { file, rule } = await program();
  await using reports = await new Reports([rule]).begin();
  await using first = startProgram(process.execPath, [file], { input: 'open' });
  await reports.start();
  // The shell takes its place in time, and never asks for what it started.
  const script = `exec 3<&0; '${process.execPath}' '${file}' <&3 & exec sleep 1000`;
  await using parent = startProgram('sh', ['-c', script], { input: 'open' });
  const second = await reports.start();
  assert.equal(second.service.replica, '2');
  await settled(second.pid);
  first.stdin.write('exit 1\n');
  await reports.exit();
  parent.stdin.write('exit 1\n');
  assert.equal((await reports.exit()).start.key, second.key);
  assert.notEqual(readProcessStat(second.pid), null);
  // What is found next is what starts next.
  await using third = startProgram(process.execPath, [file], { input: 'open' });
  assert.equal((await reports.start()).pid, third.pid);
});

test('a program is found that a script starts in its own place, after a while', async () => {
  const { file, rule } = await program();
  await using reports = await new Reports([rule]).begin();
  const script = `echo waits; read -r line; exec '${process.execPath}' '${file}'`;
  await using starter = startProgram('sh', ['-c', script], { input: 'open' });
  await starter.waitForLine('stdout', /waits/);
  await settled(starter.pid);
  starter.stdin.write('go\n');
  await starter.waitForLine('stdout', /ready/);
  await using other = startProgram('sleep', ['1000']);
  assert.equal((await reports.start()).pid, starter.pid);
  assert.notEqual(other.pid, starter.pid);
});

test('a worker that its master leaves behind is no program of its own, unless it runs on', async () => {
  const name = `app-${randomUUID()}`;
  const forks = `
    const { spawn } = require('node:child_process');
    const below = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '${name}'], { stdio: 'ignore' });
    console.log('below', below.pid);
    setInterval(() => {}, 1000);`;
  await using master = startProgram(process.execPath, ['-e', forks, name]);
  const [, below] = await master.waitForLine('stdout', /below (\d+)/);
  await using _worker = { [Symbol.asyncDispose]: async () => void process.kill(Number(below), 'SIGKILL') };
  const finder = new ProcessFinder();
  const find = () => finder.find(`* ${name}`).map(({ pid }) => pid);
  assert.deepEqual([find(), finder.isWaiting], [[master.pid], false]);
  process.kill(master.pid, 'SIGKILL');
  await master.exited;
  assert.deepEqual([find(), finder.isWaiting], [[], true]);
  await setTimeout(ORPHAN_MS + 100);
  assert.deepEqual([find(), finder.isWaiting], [[Number(below)], false]);
});

test('last words are read where standard error is a file, from when the process was found', async () => {
  const { file, rule } = await program();
  const log = path.join(directory.path, `${rule.name}.log`);
  const fd = openSync(log, 'a');
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', fd] });
  closeSync(fd);
  assert.ok(child.stdin !== null && child.stdout !== null);
  await once(child.stdout, 'data');
  await using reports = await new Reports([rule]).begin();
  await reports.start();
  child.stdin.write('throw boom\n');
  const words = await (await reports.exit()).lastWords();
  assert.match(`${words?.bytes}`, /Error: boom\n[\s\S]*Node\.js v/);
  assert.equal(words?.more(), null);
});

test('processes are reported once they are started, with their parents, and again while they are young', async () => {
  const isOurs = Promise.withResolvers<readonly number[]>();
  let isAgain = Promise.withResolvers<void>();
  using _ = new NewProcesses(20).on(({ pids, parents }) => {
    if (parents.has(process.pid)) isOurs.resolve(pids);
    else isAgain.resolve();
  });
  await using child = startProgram('sleep', ['600']);
  assert.ok((await isOurs.promise).includes(child.pid));
  isAgain = Promise.withResolvers<void>();
  await isAgain.promise;
});

test('without an exit watch only the end is known', async () => {
  const { file, rule } = await program();
  await using started = startProgram(process.execPath, [file], { input: 'open' });
  await using reports = await new Reports([rule], false).begin();
  await reports.start();
  started.stdin.write('exit 3\n');
  const exit = await reports.exit();
  assert.deepEqual([exit.status, await exit.lastWords()], [{ type: 'unknown' }, null]);
});
