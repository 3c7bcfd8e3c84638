import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Frame } from '../../src/model/frame.ts';
import { exitsOf, run } from '../agent/run-worker.ts';
import { type CompiledShop, compileShop } from '../support/last-words/java-compiler.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { untilReported } from '../support/until-reported.ts';

let shop: CompiledShop;
before(async () => {
  shop = await compileShop();
});
after(() => shop[Symbol.asyncDispose]());

/** The report of the first crash, and the reason of its exit. */
async function crash(...args: string[]) {
  await using state = await stateDirectory();
  const command = ['sh', '-c', 'ulimit -c 0; exec "$0" "$@"', shop.java, ...args];
  await run({ stateDir: state.path, options: ['--restart', 'never'], command, cwd: shop.path });
  const report = await untilReported(state.path);
  const [exit] = await exitsOf(state.path);
  await assertNothingLeft(state.path);
  assert.doesNotMatch(JSON.stringify(report), /CANARY|4111/);
  return { report, reason: exit?.reason };
}

function placesOf(frames: readonly Frame[]): string[] {
  return frames.map(({ function: name, file, line, inApp }) => `${name} ${file}:${line} ${inApp}`);
}

test('the first crash of a Java program has its stack', async () => {
  const { report, reason } = await crash('-jar', 'shop.jar', 'checkout');
  assert.equal(reason, "exit 1: uncaught exception (from Java's own report)");
  assert.deepEqual(
    [report.source, report.proof, report.exceptionType],
    ['last-words', 'proven', 'com.shop.Shop$CartError'],
  );
  assert.match(report.runtime?.version ?? '', /^\d+[\d.]*$/);
  assert.deepEqual(placesOf(report.frames), [
    'com.shop.Shop.checkout Shop.java:22 true',
    'com.shop.Shop.main Shop.java:42 true',
  ]);
  const [cause] = report.causes;
  assert.equal(cause?.exceptionType, 'java.lang.NumberFormatException');
  const places = placesOf(cause?.frames ?? []);
  assert.match(
    places[0] ?? '',
    /^java\.lang\.NumberFormatException\.\w+ NumberFormatException\.java:\d+ false$/,
  );
  assert.ok(places.includes('com.shop.Shop.total Shop.java:14 true'), places.join('\n'));
});

test('a fatal signal in a Java program is that of its log, although standard error is empty', async () => {
  const { report, reason } = await crash(
    '-XX:-CreateCoredumpOnCrash',
    '-cp',
    'classes',
    'com.shop.Shop',
    'poke',
  );
  assert.equal(reason, 'SIGSEGV: fatal signal, then exit 1 from its own signal handler');
  assert.deepEqual([report.kind, report.signal], ['fault', 'SIGSEGV']);
  const places = placesOf(report.frames);
  assert.match(places[0] ?? '', /^\w+ libjvm\.so:null false$/);
  assert.ok(places.includes('com.shop.Shop.poke Shop.java:null true'), places.join('\n'));
});

for (const flag of ['ExitOnOutOfMemoryError', 'CrashOnOutOfMemoryError']) {
  test(`the end of a JVM with ${flag} is known, although standard error is empty`, async () => {
    const { report, reason } = await crash(
      `-XX:+${flag}`,
      '-Xmx32m',
      '-cp',
      'classes',
      'com.shop.Shop',
      'grow',
    );
    const exit = flag === 'ExitOnOutOfMemoryError' ? 'exit 3' : 'SIGABRT';
    assert.equal(reason, `${exit}: out of memory (Java)`);
    const { kind, proof, exceptionType, problems } = report;
    assert.deepEqual([kind, proof, exceptionType], ['out-of-memory', 'proven', 'java.lang.OutOfMemoryError']);
    assert.ok(!problems.some(({ code }) => code === 'printed-no-calls'));
    const own = report.frames.filter(({ inApp }) => inApp).map(({ function: name }) => name);
    assert.deepEqual(
      own,
      flag === 'ExitOnOutOfMemoryError' ? [] : ['com.shop.Shop.grow', 'com.shop.Shop.main'],
    );
  });
}

test('an app that exits with the code of that, and has the flag, did not run out of memory', async () => {
  await using state = await stateDirectory();
  const command = [shop.java, '-XX:+ExitOnOutOfMemoryError', '-cp', 'classes', 'com.shop.Shop', 'exit3'];
  await run({ stateDir: state.path, options: ['--restart', 'never'], command, cwd: shop.path });
  const [exit] = await exitsOf(state.path);
  assert.equal(exit?.reason, 'exit 3: cause unknown');
  await assertNothingLeft(state.path);
});

test('an exception that was logged as JSON is shown, and does not prove that it ended the process', async () => {
  const { report, reason } = await crash('-cp', 'classes', 'com.shop.Shop', 'log');
  assert.equal(reason, 'exit 1: cause unknown');
  assert.deepEqual([report.proof, report.exceptionType], ['printed', 'com.shop.Shop$CartError']);
  assert.equal(placesOf(report.frames)[0], 'com.shop.Shop.checkout Shop.java:22 true');
  assert.deepEqual(
    report.causes.map(({ exceptionType }) => exceptionType),
    ['java.lang.NumberFormatException'],
  );
});
