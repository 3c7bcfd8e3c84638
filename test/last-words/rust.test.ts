import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ProgramTables } from '../../src/model/last-words.ts';
import { openProgram } from '../../src/symbols/open-program.ts';
import { type ProgramBuilder, programBuilder } from '../support/last-words/program-builder.ts';
import { callWords, runAndRead } from '../support/last-words/run-and-read.ts';

const BACKTRACE = { RUST_BACKTRACE: '1' };
const NO_BACKTRACE = { RUST_BACKTRACE: undefined };

let builder: ProgramBuilder;
before(async () => {
  builder = await programBuilder();
});
after(() => builder[Symbol.asyncDispose]());

test('a panic without a backtrace has its place', async () => {
  const { words, proof } = await runAndRead(await builder.rust('plain'), 'rust', NO_BACKTRACE);
  assert.deepEqual([proof, words?.error.type, words?.thread], ['proven', 'panic', 'main']);
  assert.deepEqual(words?.error.calls.map(callWords), ['null plain.rs:2 true']);
});

test('calls of a backtrace are in the symbols, down to the place of the panic', async () => {
  const program = await builder.rust('plain', '-g');
  const { words } = await runAndRead(program, 'rust', BACKTRACE);
  const calls = words?.error.calls.map(callWords) ?? [];
  const own = calls.filter((call) => call.includes('plain.rs'));
  assert.deepEqual(own, [
    'plain::shop::discount plain.rs:2 true',
    'plain::order plain.rs:4 true',
    'plain::main plain.rs:5 true',
  ]);
  assert.ok(calls.some((call) => call.startsWith('core::panicking::panic')));
});

test('without symbols the place of the panic is a constant', async () => {
  const program = await builder.rust('plain', '-O', '-C', 'strip=symbols');
  const { words, proof } = await runAndRead(program, 'rust', BACKTRACE);
  assert.equal(proof, 'proven');
  assert.deepEqual(words?.error.calls.map(callWords), ['null plain.rs:2 true']);
});

test('a message that imitates a panic and its backtrace is not read', async () => {
  for (const environment of [BACKTRACE, NO_BACKTRACE]) {
    const program = await builder.rust('multiline-framelike', '-g');
    const { words, stderr } = await runAndRead(program, 'rust', environment);
    assert.match(stderr, /ada_CANARY::pay/);
    assert.doesNotMatch(JSON.stringify(words), /CANARY/);
    assert.ok(
      words?.error.calls.map(callWords).some((call) => call.endsWith('multiline-framelike.rs:1 true')),
    );
  }
});

test('a panic of a thread ends the process only if it aborts', async () => {
  const lives = await runAndRead(await builder.rust('thread-lives'), 'rust', NO_BACKTRACE);
  assert.deepEqual([lives.exit, lives.proof, lives.words?.thread], [101, null, 'other']);
  const aborts = await runAndRead(
    await builder.rust('thread-lives', '-C', 'panic=abort'),
    'rust',
    NO_BACKTRACE,
  );
  assert.deepEqual([aborts.exit, aborts.proof], ['SIGABRT', 'proven']);
});

test('a second panic while the first one unwinds has the first as its cause', async () => {
  const { words, proof } = await runAndRead(await builder.rust('double-panic', '-g'), 'rust', BACKTRACE);
  assert.equal(proof, 'proven');
  assert.ok(words?.error.calls.map(callWords).some((call) => call.includes('double-panic.rs:1')));
  assert.ok(words?.causes[0]?.calls.map(callWords).some((call) => call.includes('double-panic.rs:2')));
});

test('a stack overflow has no place', async () => {
  const { words, proof } = await runAndRead(await builder.rust('recursion'), 'rust', NO_BACKTRACE);
  assert.deepEqual([words?.error.type, proof], ['stack overflow', 'proven']);
});

test('an error of main is one if its type is in the executable', async () => {
  const { words, proof } = await runAndRead(await builder.rust('result-main'), 'rust', NO_BACKTRACE);
  assert.deepEqual([words?.error.type, proof], ['CouponError', 'likely']);
});

test('an executable of Rust names its compiler and its symbols', async () => {
  using program = openProgram(await builder.rust('plain', '-g'), 'rust');
  assert.match(program?.version ?? '', /^1\.\d+\.\d+/);
  const tables = program?.tables as ProgramTables;
  const names = ['plain::shop::discount', 'plain::shop::secret', 'secret::discount', '', '::'];
  assert.deepEqual(names.map(tables.hasFunction), [true, false, false, false, false]);
  assert.deepEqual(['./plain.rs', '/srv/secret.rs'].map(tables.hasFile), [true, false]);
});
