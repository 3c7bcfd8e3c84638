import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { toFrames } from '../../src/analysis/native-frames.ts';
import { writeTrimmedCore } from '../../src/capture/native/trimmed-core.ts';
import type { NativeStack } from '../../src/model/native-stack.ts';
import { problem } from '../../src/model/problem.ts';
import { unwindCore } from '../../src/symbols/native/unwind-core.ts';
import { matrix } from '../support/matrix.ts';
import { type NativeCompiler, nativeCompiler } from '../support/native/compile.ts';
import { readCoreAsSnapshot } from '../support/native/core-snapshot.ts';
import { fullCore, openCore } from '../support/native/full-core.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

let compiler: NativeCompiler;
before(async () => {
  compiler = await nativeCompiler();
});
after(() => compiler[Symbol.asyncDispose]());

const SECRET = 'card-4711-of-Jane';

type Death = { stack: NativeStack; executable: string };

async function deathOf(
  fixture: string,
  flags: readonly string[],
  args: readonly string[] = [],
  options: { maxFrames?: number; allThreads?: boolean } = {},
): Promise<Death> {
  const executable = await compiler.compile(fixture, flags);
  await using directory = await temporaryDirectory('unwind');
  const corePath = await fullCore([executable, ...args], directory.path);
  const before = readFileSync(corePath);
  const stack = await unwindCore({ corePath, executable, timeoutMs: 240_000, ...options });
  assert.ok(before.equals(readFileSync(corePath)), 'the core was left changed');
  assert.ok(
    !JSON.stringify(stack, (_, value) => (typeof value === 'bigint' ? `${value}` : value)).includes(SECRET),
  );
  return { stack, executable };
}

/** Names of the frames of a report that are the app's own, innermost first. */
function ownNames({ stack, executable }: Death): (string | null)[] {
  return toFrames(stack.threads[0]?.frames ?? [], { executable, appRoot: '' })
    .filter(({ inApp }) => inApp)
    .map((frame) => frame.function);
}

const TEMPLATE = [
  'app::checkout(char const*)::{lambda(app::Order const&)#1}::operator()',
  'app::Cart<app::Order>::sum',
  'app::checkout',
  'main',
];

describe('a C++ program', () => {
  for (const flags of [
    ['-g', '-O0'],
    ['-g', '-O2', '-fomit-frame-pointer'],
    ['-O2', '-fomit-frame-pointer'],
    ['-g', '-O2', '-static-pie'],
    ['-g', '-O1', '-static', '-no-pie'],
  ]) {
    test(`with ${flags.join(' ')}`, async () => {
      const death = await deathOf('crashes-in-template.cpp', flags, [SECRET], { allThreads: true });
      assert.equal(death.stack.tool, 'eu-stack');
      assert.deepEqual(death.stack.problems, []);
      const names = ownNames(death);
      for (const name of TEMPLATE.slice(1)) assert.ok(names.includes(name), `${name} in ${names.join('\n')}`);
      assert.equal(death.stack.threads.length, 2);
      const [dead, waiting] = death.stack.threads;
      assert.ok(dead?.crashed && !waiting?.crashed);
      assert.equal(dead?.frames[0]?.trust, 'ip');
      assert.ok(dead?.frames.slice(3).every(({ trust }) => trust === 'cfi'));
      const place = dead?.frames.find((frame) => frame.function?.startsWith('app::checkout('));
      if (flags.includes('-g'))
        assert.match(`${place?.file}:${place?.line}`, /crashes-in-template\.cpp:2[67]$/);
    });
  }

  test('stripped: module, offset and build ID of every frame', async () => {
    const death = await deathOf('crashes-in-template.cpp', ['-O2', '-s', '-Wl,--build-id'], [SECRET]);
    const own = toFrames(death.stack.threads[0]?.frames ?? [], { executable: death.executable, appRoot: '' });
    const inApp = own.filter((frame) => frame.inApp);
    assert.ok(inApp.length >= 4, JSON.stringify(own));
    for (const { function: name, native } of inApp) {
      assert.equal(name, null);
      assert.equal(native?.image, death.executable);
      assert.match(native?.offset ?? '', /^0x[0-9a-f]{3,6}$/);
      assert.match(native?.buildId ?? '', /^[0-9a-f]{40}$/);
    }
  });

  test('inlined functions are frames of their own', async () => {
    const { stack } = await deathOf('crashes-inlined.cpp', ['-g', '-O2']);
    const frames = stack.threads[0]?.frames ?? [];
    const end = frames.findIndex((frame) => frame.function === 'main');
    assert.ok(end >= 2, JSON.stringify(frames.map((frame) => frame.function)));
    assert.ok(
      frames.slice(0, end).every(({ inlined, address }) => inlined && address === frames[end]?.address),
    );
    assert.equal(frames[end]?.inlined, false);
    assert.equal(frames[end + 1]?.trust, 'cfi');
  });
});

describe('a call of what is no function', () => {
  const builds = [
    ['-g', '-O0'],
    ['-g', '-O1', '-fomit-frame-pointer'],
    ['-O1', '-static-pie'],
  ];
  for (const [where, flags] of matrix(['null', 'data', 'wild'], builds)) {
    test(`${where} with ${flags.join(' ')}`, async () => {
      const death = await deathOf('jumps-away.c', flags, [where]);
      const frames = death.stack.threads[0]?.frames ?? [];
      assert.deepEqual(
        frames.slice(1, 4).map((frame) => frame.function),
        ['call', 'dispatch', 'main'],
      );
      assert.deepEqual(
        frames.slice(0, 3).map(({ trust }) => trust),
        ['ip', 'scan', 'cfi'],
      );
      assert.ok(frames[1]?.isReturnAddress);
      if (flags.includes('-g')) assert.equal(frames[1]?.line, 7);
      assert.equal(death.stack.tool, 'eu-stack');
    });
  }
});

test('an exhausted stack is read up to the limit, quickly', async () => {
  const executable = await compiler.compile('overflows-stack.c');
  await using directory = await temporaryDirectory('unwind');
  const corePath = await fullCore([executable], directory.path);
  const stack = await unwindCore({ corePath, executable, timeoutMs: 240_000, maxFrames: 1_000_000 });
  assert.equal(stack.threads[0]?.frames.length, 256);
  assert.deepEqual(stack.problems, [problem('unwind-cut', 1)]);
  assert.ok(
    stack.threads[0]?.frames.every(({ inlined }) => !inlined),
    'a recursion is not inlined',
  );
  const [frame] = toFrames(stack.threads[0]?.frames ?? [], { executable, appRoot: '' }).slice(-1);
  assert.ok((frame?.repeat ?? 0) > 200);
});

test('an uncaught exception shows who threw', async () => {
  const death = await deathOf('throws-uncaught.cpp', ['-g', '-O1'], ['own']);
  assert.ok(ownNames(death).includes('app::pay'), ownNames(death).join('\n'));
});

test('no core, a damaged one, another program, no time: a problem, never an error', async () => {
  const executable = await compiler.compile('reads-null.c');
  await using directory = await temporaryDirectory('unwind');
  const options = { executable, timeoutMs: 240_000 };
  for (const corePath of [`${directory.path}/none`, directory.path, executable, '/dev/null']) {
    const stack = await unwindCore({ ...options, corePath });
    assert.deepEqual(stack, { threads: [], tool: null, problems: [problem('unwind-failed')] });
  }
  const corePath = await fullCore([executable], directory.path);
  const late = await unwindCore({ ...options, corePath, timeoutMs: 1 });
  assert.deepEqual([late.tool, late.problems], [null, [problem('unwind-timed-out')]]);
  const aborted = await unwindCore({ ...options, corePath, signal: AbortSignal.abort() });
  assert.deepEqual([aborted.tool, aborted.problems], [null, [problem('unwind-failed')]]);
  const other = await unwindCore({ corePath, timeoutMs: 240_000, executable: '/bin/true' });
  assert.ok(other.problems.length > 0 || other.tool !== null);
});

describe('a program with another root directory', () => {
  const PAY = 'static int inner(int *total) { return *total; }\nint pay(void) { return inner(0) + 1; }\n';
  const SHOP = 'int pay(void);\nint run(void) { return pay() + 1; }\nint main(void) { return run() + 1; }\n';
  // Functions of other names at the same places.
  const OTHER = (text: string) => text.replaceAll('inner', 'wrong').replaceAll('run', 'bad');

  async function build(directory: string, change: (text: string) => string): Promise<void> {
    const script =
      'gcc -g -O0 -shared -fPIC -o libpay.so pay.c && gcc -g -O0 -o shop shop.c -L. -lpay -Wl,-rpath,"$PWD"';
    await writeFile(path.join(directory, 'pay.c'), change(PAY));
    await writeFile(path.join(directory, 'shop.c'), change(SHOP));
    await promisify(execFile)('sh', ['-c', script], { cwd: directory });
  }

  test('its files are found there by their build IDs, and those of this host with the same paths are not taken', async () => {
    await using directory = await temporaryDirectory('root');
    const [app, root, scratch] = ['app', 'root', 'scratch'].map((name) => path.join(directory.path, name));
    assert.ok(app !== undefined && root !== undefined && scratch !== undefined);
    for (const name of [app, path.join(root, app), scratch]) await mkdir(name, { recursive: true });
    await build(app, (text) => text);
    const executable = path.join(app, 'shop');
    // As it is captured: a whole core has the files in it.
    const corePath = path.join(directory.path, 'trimmed');
    using core = openCore(await fullCore([executable], directory.path));
    await writeFile(corePath, writeTrimmedCore(readCoreAsSnapshot(core.read)).chunks);
    for (const name of ['shop', 'libpay.so']) await rename(path.join(app, name), path.join(root, app, name));
    await build(app, OTHER);
    const stackOf = async (locate: (name: string) => string) => {
      const stack = await unwindCore({
        corePath,
        executable,
        timeoutMs: 240_000,
        otherRoot: { locate, scratch },
      });
      assert.deepEqual(await readdir(scratch), []);
      return stack.threads[0]?.frames.slice(0, 4) ?? [];
    };
    const found = await stackOf((name) => path.join(root, name));
    assert.deepEqual(
      found.map((frame) => [frame.function, frame.module]),
      [
        ['inner', path.join(app, 'libpay.so')],
        ['pay', path.join(app, 'libpay.so')],
        ['run', executable],
        ['main', executable],
      ],
    );
    assert.match(`${found[0]?.file}:${found[0]?.line}`, /pay\.c:1$/);
    // Neither the files of this host, nor those of a root that is gone.
    for (const locate of [(name: string) => name, () => '/proc/self/fd/missing']) {
      const names = (await stackOf(locate)).map((frame) => frame.function);
      assert.deepEqual([...new Set(names)], [null]);
    }
  });
});
