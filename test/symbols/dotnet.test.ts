import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { readDotnet } from '../../src/formats/last-words/dotnet/read-dotnet.ts';
import { lastLines } from '../../src/formats/last-words/words-window.ts';
import { assemblyNames } from '../../src/formats/pe/assembly-names.ts';
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
