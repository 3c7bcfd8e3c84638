import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { processorMs } from '../../test/support/processor-time.ts';
import { GeneratedText } from './generated-text.ts';

/** Column of the declaration that is found from the end of the text. */
function declared(text: string, name: string, member: string | null = null): number | null {
  return (
    new GeneratedText(text).declarationBefore(name, { line: 1, column: text.length + 1 }, member)?.column ??
    null
  );
}

test('declarations of functions and classes in all their forms', () => {
  assert.equal(declared('async function t(){', 't'), 16);
  assert.equal(declared('function*t(){', 't'), 10);
  assert.equal(declared('class t extends u{', 't'), 7);
  assert.equal(declared('var t=function(){', 't'), 5);
  assert.equal(declared('var t=async(a,{b})=>{', 't'), 5);
  assert.equal(declared('let u=1,t=a=>{', 't'), 9);
  assert.equal(declared('t=class{', 't'), 1);
  assert.equal(declared('s.load=()=>{', 's', 'load'), 1);
});

test('the nearest before the position counts', () => {
  assert.equal(declared('function t(){}function t(){', 't'), 24);
  const text = new GeneratedText('x\nfunction t(){}\nfunction t(){}');
  assert.deepEqual(text.declarationBefore('t', { line: 2, column: 13 }), { text: 't', line: 2, column: 10 });
});

test('what only looks like one does not', () => {
  for (const text of [
    't()',
    'var t=1',
    'var t=(a,b)',
    'a.t=function(){',
    'function at(){',
    'function t2(){',
    't==a=>{',
  ]) {
    assert.equal(declared(text, 't'), null, text);
  }
  assert.equal(declared('s.loader=()=>{', 's', 'load'), null);
});

test('the token of a call is behind its new and await', () => {
  const text = new GeneratedText('new e(1);await t(2);x.y(3)');
  assert.deepEqual(text.tokenAt({ line: 1, column: 1 }), { text: 'e', line: 1, column: 5 });
  assert.deepEqual(text.tokenAt({ line: 1, column: 10 }), { text: 't', line: 1, column: 16 });
  assert.equal(text.tokenAt({ line: 1, column: 6 }), null);
  assert.equal(text.tokenAt({ line: 9, column: 1 }), null);
});

test('arbitrary text never throws, and hostile text ends', () => {
  const anything = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(
      anything,
      fc.string({ minLength: 1 }),
      fc.integer(),
      fc.integer(),
      (text, name, line, column) => {
        const generated = new GeneratedText(text);
        generated.declarationBefore(name, { line, column }, name);
        generated.tokenAt({ line, column });
      },
    ),
  );
  const usedMs = processorMs(() => {
    for (const unit of ['a', 'a=', 'a=(', 'function a', 'a =']) declared(unit.repeat(200_000), 'a');
  });
  assert.ok(usedMs < 6000);
});
