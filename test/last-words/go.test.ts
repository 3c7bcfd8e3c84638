import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { readGoTables } from '../../src/formats/elf/go-tables.ts';
import { readerOfBytes } from '../../src/formats/elf/memory-reader.ts';
import type { CrashmonError } from '../../src/model/crashmon-error.ts';
import type { ProgramTables } from '../../src/model/last-words.ts';
import { openProgram } from '../../src/symbols/open-program.ts';
import { type ProgramBuilder, programBuilder } from '../support/last-words/program-builder.ts';
import { callWords, runAndRead } from '../support/last-words/run-and-read.ts';

let builder: ProgramBuilder;
before(async () => {
  builder = await programBuilder();
});
after(() => builder[Symbol.asyncDispose]());

describe('an executable of Go vouches for its own stacks', () => {
  test('of methods, closures and generic functions, without symbols', async () => {
    const program = await builder.go('generic-closure-method', '-ldflags=-s -w');
    const { words, proof } = await runAndRead(program, 'go');
    assert.equal(proof, 'proven');
    assert.equal(words?.error.type, 'runtime error: index out of range');
    assert.deepEqual(words?.error.calls.map(callWords), [
      'example.com/shop/internal/cart.Box[...].at cart.go:4 true',
      'example.com/shop/internal/cart.Run[...].func1 cart.go:5 true',
      'example.com/shop/internal/cart.Run[...] cart.go:5 true',
      'main.main main.go:3 true',
    ]);
  });

  test('against a message that imitates a panic and its goroutine', async () => {
    const { words, stderr } = await runAndRead(await builder.go('multiline'), 'go');
    assert.match(stderr, /main\.ada_CANARY/);
    assert.equal(words?.error.type, 'panic');
    assert.deepEqual(
      words?.error.calls.map((call) => call.function),
      ['main.f', 'main.main'],
    );
  });

  test('and for the type of a value that is its own', async () => {
    const { words } = await runAndRead(await builder.go('panic-int', '-ldflags=-s -w'), 'go');
    assert.equal(words?.error.type, 'main.Code');
  });

  test('with addresses, if Go aborts', async () => {
    const program = await builder.go('nilpointer');
    const { words, proof, exit } = await runAndRead(program, 'go', { GOTRACEBACK: 'crash' });
    assert.deepEqual([exit, proof, words?.signal], ['SIGABRT', 'proven', 'SIGSEGV']);
    assert.ok(words?.error.calls.map(callWords).includes('main.(*Cart).Discount main.go:6 true'));
  });

  test('a goroutine that panics is distinguished from the main one', async () => {
    const { words, proof } = await runAndRead(await builder.go('goroutine'), 'go');
    assert.deepEqual([words?.thread, proof], ['other', 'proven']);
  });

  test('a stack that the app printed itself is no proof', async () => {
    const { words, proof } = await runAndRead(await builder.go('recovered-exit2'), 'go');
    assert.deepEqual([words?.handled, proof], [true, 'printed']);
  });
});

test('an executable of Go names its version, module and names', async () => {
  using program = openProgram(await builder.go('panic-int', '-ldflags=-s -w'), 'go');
  assert.match(program?.version ?? '', /^1\.\d+/);
  assert.equal(program?.module, 'example.com/shop');
  const tables = program?.tables as ProgramTables;
  const names = ['main.main', 'runtime.gopanic', 'in.main', 'main.mai', 'main.secret', '', 'a\0b'];
  assert.deepEqual(names.map(tables.hasFunction), [true, true, false, false, false, false, false]);
  assert.deepEqual(['panic.go', '/secret.go'].map(tables.hasFile), [false, false]);
});

test('a damaged executable answers, or has no tables', async () => {
  const bytes = await readFile(await builder.go('panic-int', '-ldflags=-s -w'));
  // Since Go 1.20, and before.
  const headers = ['f1ffffff0000', 'f0ffffff0000'].map((magic) => bytes.indexOf(Buffer.from(magic, 'hex')));
  const table = Math.max(...headers);
  assert.ok(table > 0);
  for (let at = 0; at < 64; at += 8) {
    const damaged = Buffer.from(bytes);
    damaged.fill(0xff, table + at, table + at + 8);
    for (const part of [damaged, damaged.subarray(0, Math.floor((bytes.length * at) / 64))]) {
      try {
        const tables = readGoTables(readerOfBytes(part));
        assert.equal(tables?.hasFunction('main.secret') ?? false, false);
      } catch (error) {
        assert.equal((error as CrashmonError).code, 'BAD_RECORD');
      }
    }
  }
});

test('what is no executable has no tables', () => {
  for (const runtime of ['go', 'rust'] as const) {
    assert.equal(openProgram('/dev/null', runtime), null);
    assert.equal(openProgram('/nowhere', runtime), null);
    using source = openProgram(import.meta.filename, runtime);
    assert.equal(source?.tables, null);
  }
});
