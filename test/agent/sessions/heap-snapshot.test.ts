// A heap snapshot of a running worker, in a session that asks for it.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { crashmon } from '../../support/crashmon.ts';
import { ageKey } from '../../support/dumps/age-key.ts';
import { assertNothingLeft, placesInMemory } from '../../support/leftovers.ts';
import type { RunningProgram } from '../../support/run-program.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { Receiver } from '../../support/telemetry/receiver.ts';
import { untilReported } from '../../support/until-reported.ts';
import { pidOf, until } from '../native/armed.ts';
import { fixture, startRun } from '../run-worker.ts';

const SECRET = 'CANARY-heap';
const [node = '', ...rest] = fixture('grows-heap.cjs');
const OPTIONS = ['--restart', 'never', '--json', '--arm-after', '0'];

async function session(stateDir: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await crashmon(['session', ...args], { stateDir });
  assert.equal(code, 0, stderr);
  return { stdout, stderr };
}

/** An armed worker that waits for the line to grow. */
async function startGrowing(
  stateDir: string,
  { args = [], options = [] }: { args?: string[]; options?: string[] } = {},
): Promise<RunningProgram> {
  const command = [node, '--max-old-space-size=100', ...rest, ...args];
  const agent = startRun({
    ...{ stateDir, options: [...OPTIONS, ...options], command, input: 'open' },
    // What seals it has the lowest priority.
    deadlineMs: 600_000,
  });
  await agent.waitForLine('stdout', /ready/);
  await agent.waitForLine('stderr', /"event":"started"/);
  return agent;
}

function filesBelow(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
}

describe('a session with --heap', { concurrency: 2 }, () => {
  test('keeps a heap snapshot, encrypted, while the worker runs on', async () => {
    await using state = await stateDirectory();
    await using receiver = await Receiver.start();
    const { identity: key, recipient } = ageKey(state.path);
    await using agent = await startGrowing(state.path, { options: ['--otlp-endpoint', receiver.url] });
    const started = await session(
      ...([state.path, 'start', 'app', '--heap', '--heap-at', '40MB', '--heap-hold', '1h'] as const),
      ...(['--key', recipient] as const),
    );
    assert.match(started.stderr.replaceAll(/\s+/g, ' '), /answers nothing: up to about .* for 40 MB/);
    agent.stdin.write('grow\n');
    const [, id = ''] = await agent.waitForLine('stderr', /"event":"dump","runId":"(\w+)","why":null/);
    await agent.waitForLine('stdout', /grown/);

    const listed = JSON.parse((await session(state.path, 'dumps', '--json')).stdout) as {
      dumps: { id: string; path: string; kind: string; run: string; encryption: string }[];
    };
    const [dump] = listed.dumps;
    assert.deepEqual([dump?.id, dump?.kind, dump?.encryption], [id, 'heap-snapshot', 'age']);
    const file = dump?.path ?? '';
    assert.equal(path.basename(file), `${id}.heapsnapshot.zst.age`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    // Nowhere else, and no other file is left of it.
    for (const each of [...filesBelow(state.path), ...placesInMemory(state.path).flatMap(filesBelow)])
      assert.ok(!readFileSync(each).includes(SECRET), each);
    assert.ok(!existsSync(path.join(path.dirname(file), '..', 'raw', dump?.run ?? '', 'heapsnapshot')));

    const closed = await session(state.path, 'show', id);
    assert.match(closed.stdout, /not ended in a crash.\s+What holds most memory is in it: give --identity/);
    const shown = await session(state.path, 'show', id, '--identity', key);
    assert.match(shown.stdout, /CONSTRUCTOR\n +[345]\d(\.\d)? MB +\d\d % +\d\d +Order\n/);
    assert.ok(!shown.stdout.includes(SECRET));
    const output = path.join(state.path, 'a.heapsnapshot');
    await session(state.path, 'get', id, '--identity', key, '--output', output);
    const snapshot = JSON.parse(readFileSync(output, 'utf8'));
    const { node_count, meta } = snapshot.snapshot;
    assert.equal(snapshot.nodes.length, node_count * meta.node_fields.length);
    assert.ok(snapshot.strings.some((each: string) => each.startsWith(SECRET)));

    const listedThere = new RegExp(`[0-9a-f]{12}${id} \\d+ \\d+ \\d+ heap-snapshot age unknown`);
    await until('the portal hears of it', () => receiver.requests.some(({ text }) => listedThere.test(text)));
    agent.stdin.write('end\n');
    await agent.exited;
    const report = await untilReported(state.path, dump?.run);
    assert.equal(report.exceptionType, 'TypeError');
    assert.match((await session(state.path, 'show', id)).stdout, /before it crashed/);
    const sent = receiver.requests.map(({ text }) => text).join();
    assert.ok(!sent.includes(SECRET) && !sent.includes('.zst'));
    await assertNothingLeft(state.path);
  });

  test('says so if the worker ends while it is taken, and leaves nothing of it', async () => {
    await using state = await stateDirectory();
    await using agent = await startGrowing(state.path, { args: ['small'] });
    await session(state.path, 'start', 'app', '--heap', '--heap-at', '40MB', '--heap-hold', '1h');
    const [place = ''] = placesInMemory(state.path);
    agent.stdin.write('grow\n');
    await until('it is asked for', () => existsSync(path.join(place, 'wanted')));
    await until('it is taken', () => !existsSync(path.join(place, 'wanted')));
    process.kill(pidOf(agent), 'SIGKILL');
    await agent.waitForLine('stderr', /"event":"dump","runId":"\w+","why":"heap-interrupted"/);
    await agent.exited;
    const list = (await session(state.path, 'list')).stdout.replaceAll(/\s+/g, ' ');
    assert.match(list, /was not kept: the worker ended while its heap snapshot was taken/);
    assert.match((await session(state.path, 'dumps')).stdout, /No dumps are kept/);
    for (const file of filesBelow(state.path)) assert.ok(!readFileSync(file).includes(SECRET), file);
    await assertNothingLeft(state.path);
  });

  test('takes none where it would hold the worker for too long, and says so', async () => {
    await using state = await stateDirectory();
    await using agent = await startGrowing(state.path);
    const started = await session(
      ...([state.path, 'start', 'app', '--heap', '--heap-at', '40MB', '--heap-hold', '1ms'] as const),
    );
    assert.match(started.stderr.replaceAll(/\s+/g, ' '), /longer than --heap-hold \(1 ms\): none would be/);
    agent.stdin.write('grow\n');
    await agent.waitForLine('stderr', /"event":"dump","runId":"\w+","why":"heap-too-long"/);
    const list = (await session(state.path, 'list')).stdout.replaceAll(/\s+/g, ' ');
    assert.match(list, /was not kept: a heap snapshot would hold the worker for longer than --heap-hold/);
  });
});
