import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { utimesSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { readJava } from '../../src/formats/last-words/java/read-java.ts';
import { lastLines } from '../../src/formats/last-words/words-window.ts';
import type { LastWords, PrintedError } from '../../src/model/last-words.ts';
import { proveDeath } from '../../src/policy/prove-death.ts';
import { ClassFinder } from '../../src/symbols/java/class-finder.ts';
import { readFatalErrorLog } from '../../src/symbols/java/fatal-error-log.ts';
import { type CompiledShop, compileShop, SHOP_SOURCE } from '../support/last-words/java-compiler.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

let shop: CompiledShop;
before(async () => {
  shop = await compileShop();
});
after(() => shop[Symbol.asyncDispose]());

const ANY_TIME = { fromMs: 0, untilMs: Number.POSITIVE_INFINITY };

/** What was found of the death of a process that really ran. */
function death(...args: string[]): { words: LastWords | null; proof: string | null } {
  const seenAtMs = Date.now();
  const command = `ulimit -c 0; echo $$; exec ${[shop.java, ...args].join(' ')}`;
  const { status, signal, stdout, stderr } = spawnSync('sh', ['-c', command], {
    encoding: 'utf8',
    cwd: shop.path,
  });
  const pid = Number(stdout.split('\n', 1)[0]);
  const program = { executable: shop.java, args: ['java', ...args], cwd: shop.path, seenAtMs, pid };
  using classes = new ClassFinder(program);
  const text = readFatalErrorLog(program, ANY_TIME) ?? stderr;
  const vouchers = { readSource: () => null, program: null, readClass: classes.readClass.bind(classes) };
  const words = readJava(lastLines(text), vouchers);
  const exit =
    signal === null ? ({ type: 'code', code: status ?? -1 } as const) : ({ type: 'signal', signal } as const);
  const proof =
    words === null ? null : proveDeath({ status: exit, runtime: 'java', words, pid, silenceMs: 0 });
  return { words, proof };
}

function callsOf(error: PrintedError | undefined): string[] {
  return (error?.calls ?? []).map((call) => `${call.vouched} ${call.function} ${call.file}:${call.line}`);
}

const CHECKOUT = ['true com.shop.Shop.checkout Shop.java:22', 'true com.shop.Shop.main Shop.java:42'];

for (const [from, args] of [
  ['a directory', ['-cp', 'classes', 'com.shop.Shop', 'checkout']],
  ['an archive', ['-jar', 'shop.jar', 'checkout']],
] as const) {
  test(`calls are found in the classes of ${from}, and those of the runtime in its image`, () => {
    const { words, proof } = death(...args);
    assert.equal(proof, 'proven');
    assert.equal(words?.error.type, 'com.shop.Shop$CartError');
    assert.deepEqual(callsOf(words?.error), CHECKOUT);
    assert.deepEqual(
      words?.causes.map(({ type }) => type),
      ['java.lang.NumberFormatException'],
    );
    const calls = callsOf(words?.causes[0]);
    assert.match(
      calls[0] ?? '',
      /^true java\.lang\.NumberFormatException\.forInputString NumberFormatException\.java:\d+$/,
    );
    assert.ok(calls.includes('true com.shop.Shop.total Shop.java:14'), calls.join('\n'));
    assert.ok(
      calls.every((call) => call.startsWith('true ')),
      calls.join('\n'),
    );
    assert.doesNotMatch(JSON.stringify(words), /CANARY|4111/);
  });
}

test('a program that is run from its source has calls without proof', () => {
  const { words, proof } = death(SHOP_SOURCE, 'walk');
  assert.deepEqual([proof, words?.error.type], ['proven', 'java.lang.StackOverflowError']);
  assert.ok(callsOf(words?.error).length > 1_000);
  assert.equal(callsOf(words?.error)[0], 'null com.shop.Shop.walk Shop.java:33');
});

test('a fatal signal is read from the log of the JVM', () => {
  const { words, proof } = death('-XX:-CreateCoredumpOnCrash', '-cp', 'classes', 'com.shop.Shop', 'poke');
  assert.deepEqual([proof, words?.signal, words?.error.type], ['proven', 'SIGSEGV', null]);
  const calls = callsOf(words?.error);
  assert.match(calls[0] ?? '', /^null Unsafe_PutLong libjvm\.so:null$/);
  assert.ok(calls.includes('true com.shop.Shop.poke Shop.java:null'), calls.join('\n'));
});

test('a log is found where the command line says, also when memory ran out', () => {
  const { words, proof } = death(
    '-Xmx32m',
    '-XX:+CrashOnOutOfMemoryError',
    '-XX:ErrorFile=crash-%p.txt',
    '-cp',
    'classes',
    'com.shop.Shop',
    'grow',
  );
  assert.deepEqual([proof, words?.error.type], ['proven', 'java.lang.OutOfMemoryError']);
  assert.ok(callsOf(words?.error).includes('true com.shop.Shop.grow Shop.java:null'));
});

test('classes are found in an archive within another', () => {
  using classes = finder('boot.jar');
  assert.equal(classes.readClass('com.shop.Shop')?.methods.get('total')?.has(14), true);
  assert.equal(classes.readClass('com.shop.Cart'), null);
});

test('a file that was changed since the start is not read', () => {
  utimesSync(path.join(shop.path, 'boot.jar'), 0, (Date.now() + 60_000) / 1_000);
  using classes = finder('boot.jar');
  assert.equal(classes.readClass('com.shop.Shop'), null);
});

function finder(jar: string): ClassFinder {
  return new ClassFinder({
    executable: shop.java,
    args: ['java', '-jar', jar],
    cwd: shop.path,
    seenAtMs: Date.now(),
  });
}

test('a log is that of a process which was first seen while it ended; an older one is not', async () => {
  await using place = await temporaryDirectory('log');
  await writeFile(path.join(place.path, 'hs_err_pid77.log'), 'words');
  const program = { executable: 'java', args: ['java'], cwd: place.path, pid: 77 };
  const nowMs = Date.now();
  assert.equal(readFatalErrorLog({ ...program, seenAtMs: nowMs + 1_000 }, ANY_TIME), 'words');
  assert.equal(readFatalErrorLog({ ...program, seenAtMs: nowMs + 60_000 }, ANY_TIME), null);
  // The first process of every container has the same ID, and a restart the same directory.
  const inContainer = { ...program, pid: 4711, ownPid: 77, seenAtMs: nowMs };
  const at = (fromMs: number, untilMs: number) =>
    readFatalErrorLog(inContainer, { fromMs: nowMs + fromMs, untilMs: nowMs + untilMs });
  assert.equal(at(-5_000, 5_000), 'words');
  assert.equal(at(1_000, 5_000), null);
  assert.equal(at(-5_000, -1_000), null);
});
