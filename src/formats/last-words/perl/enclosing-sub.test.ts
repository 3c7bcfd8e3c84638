import assert from 'node:assert/strict';
import { test } from 'node:test';
import { enclosingSub } from './enclosing-sub.ts';

const subOf = (text: string) => {
  const lines = text.split('\n');
  return enclosingSub((line) => lines[line - 1] ?? null, lines.findIndex((line) => line.includes('die')) + 1);
};

test('the sub that has a line, in its package', () => {
  assert.equal(subOf('sub pay {\n    die 1;\n}\n'), 'main::pay');
  assert.equal(
    subOf('package Shop::Cart;\nsub other {\n}\n\nsub pay {\n    if (1) {\n        die 1;\n    }\n}\n'),
    'Shop::Cart::pay',
  );
  assert.equal(subOf('package A;\npackage B { }\nsub C::pay($card) {\n  die 1;\n}\n'), 'C::pay');
});

test('null where the layout does not say it', () => {
  const unclear = [
    'die 1;\n',
    'sub pay { die 1 }\n',
    'sub pay {\n}\ndie 1;\n',
    'sub pay {\n}\n  die 1;\n',
    'sub pay {\n  my $f = sub {\n    die 1;\n  };\n}\n',
    'sub pay {\n  print <<"END";\nsub inner {\nEND\n  die 1;\n}\n',
    'sub pay {\n  die 1;\nsub next {\n}\n',
    'sub pay {\n  die 1;\n',
    'print <<END;\n=pod\nsub pay {\n  text\n=cut\n  die 1;\n}\n',
  ];
  for (const text of unclear) assert.equal(subOf(text), null, text);
});
