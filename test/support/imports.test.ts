import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countComputedImports, importsOf, withoutComments } from './imports.ts';

const specifiers = (source: string) => importsOf(source).map(({ specifier }) => specifier);

test('finds every form of import and export', () => {
  const source = [
    "import fs from 'node:fs';",
    "import { a, type B } from './several-names.ts';",
    'import {\n  long,\n  list,\n} from "./over-lines.ts";',
    "import * as all from './all.ts';",
    "import './side-effect.ts';",
    "export { x } from './exported.ts';",
    "export * from './star.ts';",
    "export type { T } from './exported-type.ts';",
    "const later = await import('./later.ts');",
    "const old = require('./old.cjs');",
    "const fs = require('fs'), more = require.resolve('./resolved.cjs');",
    "let t: import('./in-a-type.ts').T;",
  ].join('\n');
  assert.deepEqual(specifiers(source).toSorted(), [
    './all.ts',
    './exported-type.ts',
    './exported.ts',
    './in-a-type.ts',
    './later.ts',
    './old.cjs',
    './over-lines.ts',
    './resolved.cjs',
    './several-names.ts',
    './side-effect.ts',
    './star.ts',
    'fs',
    'node:fs',
  ]);
});

test('distinguishes type imports from others', () => {
  const types =
    "import type { A } from './a.ts';\nimport { type B, type C } from './b.ts';\nexport type { D } from './d.ts';";
  assert.ok(importsOf(types).every(({ typeOnly }) => typeOnly));
  assert.equal(importsOf(types).length, 3);
  const values = "import { type A, b } from './a.ts';\nimport {} from './b.ts';\nimport './c.ts';";
  assert.ok(importsOf(values).every(({ typeOnly }) => !typeOnly));
  assert.equal(importsOf(values).length, 3);
});

test('is not misled by comments, strings and regular expressions', () => {
  assert.deepEqual(
    specifiers("// import('./a.ts')\n/*\nimport './b.ts';\n*/\nimport './c.ts'; // from './d.ts'"),
    ['./c.ts'],
  );
  assert.deepEqual(specifiers("const url = 'http://x';\nimport('./after.ts');"), ['./after.ts']);
  assert.deepEqual(specifiers("const quote = /['\"`]/;\nimport('./after.ts');"), ['./after.ts']);
  assert.deepEqual(specifiers("text.replace(/\\/\\*'/g, '');\nimport('./after.ts');"), ['./after.ts']);
  assert.equal(withoutComments('a / b; // c\nd / e').trim(), 'a / b;     \nd / e');
});

test('counts imports that name no file', () => {
  assert.equal(
    countComputedImports("import(name); require('./' + name); import('./a.ts'); x.import(name);"),
    2,
  );
});
