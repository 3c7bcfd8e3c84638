import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ProgramBuilder, programBuilder } from '../support/last-words/program-builder.ts';
import { callWords, runAndRead } from '../support/last-words/run-and-read.ts';

let builder: ProgramBuilder;
before(async () => {
  builder = await programBuilder();
});
after(() => builder[Symbol.asyncDispose]());

test('terminate names the type of the exception, without its message', async () => {
  const { words, proof, stderr } = await runAndRead(await builder.cpp('terminate'), 'native');
  assert.match(stderr, /second CANARY/);
  assert.deepEqual([words?.error.type, words?.error.calls, proof], ['shop::CouponError', [], 'proven']);
});

test('a pure virtual call is the reason of the terminate that follows', async () => {
  const { words } = await runAndRead(await builder.cpp('purevirtual'), 'native');
  assert.equal(words?.error.type, 'pure virtual method called');
});

test('glibc says what was corrupted', async () => {
  const freed = await runAndRead(await builder.cpp('doublefree'), 'native');
  assert.deepEqual([freed.words?.error.type, freed.proof], ['double free or corruption', 'proven']);
  const smashed = await runAndRead(await builder.cpp('stacksmash', '-fstack-protector-all'), 'native');
  assert.deepEqual([smashed.words?.error.type, smashed.proof], ['stack smashing detected', 'proven']);
});

test('an assertion has its place, without its expression', async () => {
  const { words, stderr } = await runAndRead(await builder.cpp('assert'), 'native');
  assert.match(stderr, /CANARY/);
  assert.doesNotMatch(JSON.stringify(words), /CANARY/);
  assert.deepEqual(words?.error.calls.map(callWords), ['null assert.cc:2 null']);
});

test('AddressSanitizer has the stack of the process that it names', async () => {
  const program = await builder.cpp('asan-uaf', '-g', '-fsanitize=address');
  const { words, proof } = await runAndRead(program, 'native');
  assert.deepEqual([words?.error.type, words?.thread, proof], ['heap-use-after-free', 'main', 'proven']);
  const own = words?.error.calls.map(callWords).filter((call) => call.endsWith('true'));
  assert.deepEqual(own, ['shop::Cart::total() asan-uaf.cc:3 true', 'main asan-uaf.cc:4 true']);
});

test('undefined behavior is a death only if the report is the end', async () => {
  const ends = await builder.cpp('ubsan', '-fsanitize=undefined', '-fno-sanitize-recover=all');
  const ended = await runAndRead(ends, 'native');
  assert.deepEqual([ended.words?.error.type, ended.proof], ['signed integer overflow', 'likely']);
  const lived = await runAndRead(await builder.cpp('ubsan', '-fsanitize=undefined'), 'native');
  assert.deepEqual([lived.exit, lived.proof], [3, 'printed']);
});
