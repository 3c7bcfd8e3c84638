import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readGo } from '../../src/formats/last-words/go/read-go.ts';
import { lastLines } from '../../src/formats/last-words/words-window.ts';
import type { LastWords, ProgramTables } from '../../src/model/last-words.ts';
import { proveDeath } from '../../src/policy/prove-death.ts';
import { openProgram } from '../../src/symbols/open-program.ts';
import { type GoCompiler, goCompiler } from '../support/last-words/go-compiler.ts';
import { type ProgramResult, startProgram } from '../support/run-program.ts';

let go: GoCompiler;
before(async () => {
  go = await goCompiler();
});
after(() => go[Symbol.asyncDispose]());

describe('an executable of Go vouches for its own stacks', () => {
  test('of methods, closures and generic functions, without symbols', async () => {
    const program = await go.build('generic-closure-method', '-ldflags=-s -w');
    const { words, proof } = await dieAndRead(program);
    assert.equal(proof, 'proven');
    assert.equal(words?.error.type, 'runtime error: index out of range');
    assert.deepEqual(placesOf(words), [
      'example.com/shop/internal/cart.Box[...].at cart.go:4 true',
      'example.com/shop/internal/cart.Run[...].func1 cart.go:5 true',
      'example.com/shop/internal/cart.Run[...] cart.go:5 true',
      'main.main main.go:3 true',
    ]);
  });

  test('against a message that imitates a panic and its goroutine', async () => {
    const { words, result } = await dieAndRead(await go.build('multiline'));
    assert.match(result.stderr, /main\.ada_CANARY/);
    assert.equal(words?.error.type, 'panic');
    assert.deepEqual(
      words?.error.calls.map((call) => call.function),
      ['main.f', 'main.main'],
    );
  });

  test('and for the type of a value that is its own', async () => {
    const { words } = await dieAndRead(await go.build('panic-int', '-ldflags=-s -w'));
    assert.equal(words?.error.type, 'main.Code');
  });

  test('a second thread that panics is told from the main one', async () => {
    const { words, proof } = await dieAndRead(await go.build('goroutine'));
    assert.deepEqual([words?.thread, proof], ['other', 'proven']);
  });

  test('a stack that the app printed itself is no proof', async () => {
    const { words, proof } = await dieAndRead(await go.build('recovered-exit2'));
    assert.deepEqual([words?.handled, proof], [true, 'printed']);
  });
});

test('an executable of Go names its version, module and names', async () => {
  using program = openProgram(await go.build('panic-int', '-ldflags=-s -w'), 'go');
  assert.match(program?.version ?? '', /^1\.\d+/);
  assert.equal(program?.module, 'example.com/shop');
  const tables = program?.tables as ProgramTables;
  const names = ['main.main', 'runtime.gopanic', 'in.main', 'main.mai', 'main.secret', '', 'a\0b'];
  assert.deepEqual(names.map(tables.hasFunction), [true, true, false, false, false, false, false]);
  assert.deepEqual(['panic.go', '/secret.go'].map(tables.hasFile), [false, false]);
});

test('what is no executable has no tables', () => {
  assert.equal(openProgram('/dev/null', 'go'), null);
  assert.equal(openProgram('/nowhere', 'go'), null);
  using source = openProgram(import.meta.filename, 'go');
  assert.equal(source?.tables, null);
});

async function dieAndRead(
  program: string,
): Promise<{ words: LastWords | null; proof: string | null; result: ProgramResult }> {
  await using running = startProgram(program, []);
  const result = await running.exited;
  using opened = openProgram(program, 'go');
  const vouchers = { readSource: () => null, readClass: () => null, program: opened?.tables ?? null };
  const words = readGo(lastLines(result.stderr), vouchers);
  const status = { type: 'code', code: result.code ?? -1 } as const;
  const evidence = { status, runtime: 'go', pid: running.pid, silenceMs: 1 } as const;
  return { words, proof: words === null ? null : proveDeath({ ...evidence, words }), result };
}

function placesOf(words: LastWords | null): string[] {
  return (words?.error.calls ?? []).map(
    ({ function: name, file, line, vouched }) => `${name} ${file?.split('/').at(-1)}:${line} ${vouched}`,
  );
}
