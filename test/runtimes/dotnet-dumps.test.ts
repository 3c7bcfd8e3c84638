// .NET in a session: a real runtime and its createdump.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { startRun } from '../agent/run-worker.ts';
import { CHECKOUT, crashmon } from '../support/crashmon.ts';
import { ageKey } from '../support/dumps/age-key.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { pathWith } from '../support/npm.ts';
import type { RunningProgram } from '../support/run-program.ts';
import { DOTNET_ROOT, installDotnet, makeHost } from '../support/runtimes/dotnet.ts';
import { stateDirectory } from '../support/state-directory.ts';

before(installDotnet);

const SHOP = path.join(CHECKOUT, 'test/fixtures/last-words/dotnet/src');
const CANARIES = /CANARY|4111|ada@example/;
/** Only stacks and what they need: some 7 MB. */
const MINI_DUMP = { DOTNET_DbgEnableMiniDump: '1', DOTNET_DbgMiniDumpType: '1' };

type Listed = { id: string; kind: string; path: string; coreBytes: number; encryption: string };
type Waiting = { agent: RunningProgram; app: string; files: string };

/** A program that crashes in the way that a line on standard input names. */
async function startWaiting(
  stateDir: string,
  { byHost, env = {} }: { byHost: boolean; env?: Record<string, string> },
): Promise<Waiting> {
  const [app, files] = [path.join(stateDir, 'app'), path.join(stateDir, 'of-the-app')];
  await cp(SHOP, app, { recursive: true });
  mkdirSync(files);
  if (byHost) await makeHost(app, 'Shop');
  const command = byHost ? ['./Shop', 'wait'] : ['dotnet', 'Shop.dll', 'wait'];
  const agent = startRun({
    ...{ stateDir, cwd: app, input: 'open', command },
    options: ['--restart-delay', '0', '--json'],
    env: { PATH: pathWith(DOTNET_ROOT), DOTNET_ROOT, DOTNET_DbgMiniDumpName: `${files}/%e.%p`, ...env },
  });
  await agent.waitForLine('stderr', /^ready$/);
  await agent.waitForLine('stderr', /"event":"started"/);
  return { agent, app, files };
}

async function session(stateDir: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await crashmon(['session', ...args], { stateDir });
  assert.equal(code, 0, stderr);
  return stdout;
}

async function dumpsOf(stateDir: string): Promise<Listed[]> {
  return (JSON.parse(await session(stateDir, 'dumps', '--json')) as { dumps: Listed[] }).dumps;
}

describe('.NET in a session', { concurrency: 2 }, () => {
  for (const [name, byHost] of [
    ['dotnet', false],
    ['a host of its own', true],
  ] as const)
    test(`createdump is not kept from its work, and its dump is copied: ${name}`, async () => {
      await using state = await stateDirectory();
      const { identity, recipient } = ageKey(state.path);
      const { agent, files } = await startWaiting(state.path, { byHost, env: MINI_DUMP });
      await using worker = agent;
      await session(state.path, 'start', 'app', '--max-dumps', '1', '--key', recipient);
      await worker.waitForLine(
        'stderr',
        /"event":"debugger","state":"not-attached","reason":"\.NET programs are not traced/,
      );
      worker.stdin.write('\ninner\n');
      await worker.waitForLine('stderr', /"event":"dump","runId":"\w+","why":null,"left":0/);
      assert.match(worker.stdout, /\[createdump\] Dump successfully written/);

      const [dump, ...others] = await dumpsOf(state.path);
      assert.deepEqual([dump?.kind, dump?.encryption, others], ['dotnet-dump', 'age', []]);
      const { id, path: sealed, coreBytes } = dump as Listed;
      assert.equal(path.basename(sealed), `${id}.dmp.zst.age`);
      const written = readdirSync(files);
      assert.equal(written.length, 1);
      assert.match(written[0] ?? '', byHost ? /^Shop\.\d+$/ : /^dotnet\.\d+$/);
      const output = path.join(state.path, 'dump');
      await session(state.path, 'get', id, '--identity', identity, '--output', output);
      const bytes = readFileSync(output);
      assert.ok(bytes.equals(readFileSync(path.join(files, written[0] ?? ''))));
      assert.equal(bytes.length, coreBytes);
      const shown = await session(state.path, 'show', id);
      assert.match(shown, /uncaught Shop\.CartException[\s\S]*…?Cart\.cs:32[\s\S]*encrypted with age/);
      assert.match(shown, /dotnet-dump analyze/);
      assert.doesNotMatch(shown, CANARIES);
      await session(state.path, 'delete', id);
      assert.deepEqual(await dumpsOf(state.path), []);
      assert.ok(!existsSync(sealed));
      assert.equal(readdirSync(files).length, 1, 'what the owner of the app configured is never deleted');
      worker.kill('SIGTERM');
      await worker.exited;
      await assertNothingLeft(state.path);
    });
});

test('an armed worker of .NET has no debugger, and crashmon says so', async () => {
  await using state = await stateDirectory();
  const { agent } = await startWaiting(state.path, { byHost: true });
  await using worker = agent;
  assert.equal((await crashmon(['arm', 'app'], { stateDir: state.path })).code, 0);
  worker.stdin.write('\nabort\n');
  await worker.waitForLine('stderr', /"event":"ended"/);
  worker.kill('SIGTERM');
  await worker.exited;
  const { stdout } = await crashmon(['crashes'], { stateDir: state.path });
  assert.match(stdout.replaceAll(/\s+/g, ' '), /SIGABRT: the process aborted itself/);
  assert.match(stdout.replaceAll(/\s+/g, ' '), /crashmon attaches no debugger to \.NET/);
});
