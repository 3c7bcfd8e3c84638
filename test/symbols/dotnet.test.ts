import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { readDotnet } from '../../src/formats/last-words/dotnet/read-dotnet.ts';
import { lastLines } from '../../src/formats/last-words/words-window.ts';
import { assemblyNames } from '../../src/formats/pe/assembly-names.ts';
import { pdbLines } from '../../src/formats/pe/pdb-lines.ts';
import { findDirectory, readDirectory } from '../../src/formats/zip/read-directory.ts';
import { assembliesOf } from '../../src/symbols/dotnet/assemblies.ts';

const MONO = path.join(import.meta.dirname, '../fixtures/last-words/mono');
/** Compiled by Mono 6.8 from `src/plain-nodebug.cs`. */
const ASSEMBLY = 'plain-nodebug.exe';
const PROGRAM = {
  executable: '/usr/bin/mono-sgen',
  args: ['mono', ASSEMBLY],
  cwd: MONO,
  seenAtMs: Date.now(),
};

function functionsIn(text: string): string[] {
  const vouchers = { readSource: () => null, program: assembliesOf(PROGRAM), readClass: () => null };
  const words = readDotnet(lastLines(text), vouchers);
  return [words?.error, ...(words?.causes ?? [])].flatMap((error) =>
    (error?.calls ?? []).map((call) => `${call.vouched} ${call.function} ${call.file}:${call.line}`),
  );
}

test('calls are found in an assembly, which has no lines', () => {
  assert.deepEqual(functionsIn(readFileSync(path.join(MONO, 'plain-nodebug.txt'), 'utf8')), [
    'true Shop.Cart.Go null:null',
    'true Shop.M.Main null:null',
    'true Shop.M.Main null:null',
    'null System.Collections.Generic.Dictionary.get_Item null:null',
    'true Shop.Cart.Price null:null',
    'true Shop.Cart.Go null:null',
  ]);
});

test('a call that no assembly has is part of the message', () => {
  const real = '   at Shop.Cart`1.Go(String who) in C:\\Users\\ada\\shop\\Cart.cs:line 6\n';
  for (const fake of ['Shop.Ada_CANARY.Pay(Int32 x)', 'Shop.Cart`1.CANARY(Int32 x)']) {
    const text = `Fatal error. Shop.CouponException: x\n   at ${fake}\n${real}`;
    assert.deepEqual(functionsIn(text), ['true Shop.Cart.Go null:null']);
  }
});

const SHOP = path.join(MONO, '../dotnet/src');

test('places are those of the debug information beside an assembly', () => {
  const tables = assembliesOf({ ...PROGRAM, args: ['dotnet', 'Shop.dll'], cwd: SHOP });
  const at = (file: string, line: number) => tables?.hasLine?.(file, line);
  assert.equal(tables?.hasFunction('Shop.Cart`1.Total'), true);
  assert.deepEqual([at('/src/shop/Cart.cs', 21), at('/src/shop/Cart.cs', 22)], [true, false]);
  assert.deepEqual([at('/home/ada/Cart.cs', 21), at('/src/shop/Program.cs', 21)], [false, false]);
  const lines = pdbLines(readFileSync(path.join(SHOP, 'Shop.pdb')));
  assert.deepEqual([...(lines?.keys() ?? [])], ['/src/shop/Cart.cs', '/src/shop/Program.cs']);
  // Each has a statement, also where the lines go backwards between methods.
  const source = readFileSync(path.join(SHOP, 'Cart.cs'), 'utf8').split('\n');
  for (const line of lines?.get('/src/shop/Cart.cs') ?? []) assert.match(source[line - 1] ?? '', /\S/);
});

test('an assembly that was changed since the start is not read', () => {
  const tables = assembliesOf({ ...PROGRAM, seenAtMs: 0 });
  assert.equal(tables?.hasType('Shop.CouponException'), false);
  assert.equal(assembliesOf(PROGRAM)?.hasType('Shop.CouponException'), true);
});

test('damaged files have no names and no entries', () => {
  const whole = readFileSync(path.join(MONO, ASSEMBLY));
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, value, length) => {
      const bytes = Buffer.from(whole.subarray(0, length));
      if (at < length) bytes[at] = value;
      const names = assemblyNames(bytes);
      assert.ok(names === null || names.length <= bytes.length);
    }),
  );
  const pdb = readFileSync(path.join(SHOP, 'Shop.pdb'));
  fc.assert(
    fc.property(fc.nat(pdb.length - 1), fc.nat(255), fc.nat(pdb.length), (at, value, length) => {
      const bytes = Buffer.from(pdb.subarray(0, length));
      if (at < length) bytes[at] = value;
      const count = [...(pdbLines(bytes)?.values() ?? [])].reduce((sum, { size }) => sum + size, 0);
      assert.ok(count <= bytes.length);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const end = Buffer.concat([bytes, Buffer.from('504b0506', 'hex'), bytes]);
      const place = findDirectory(end, end.length);
      if (place !== null) assert.ok(place.offset >= 0);
      const directory = Buffer.concat([Buffer.from('504b0102', 'hex'), bytes]);
      assert.ok([...readDirectory(directory, 0)].length <= 10);
    }),
  );
});
