import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { html } from './html.ts';

test('what is put in is escaped, what is ours is not', () => {
  assert.equal(
    String(html`<p title="${'"><script>'}">${"it's & <b>"}</p>`),
    '<p title="&quot;&gt;&lt;script&gt;">it&#39;s &amp; &lt;b&gt;</p>',
  );
  assert.equal(String(html`<ul>${[html`<li>a</li>`, ['<', 1]]}</ul>`), '<ul><li>a</li>&lt;1</ul>');
});

test('null, undefined and false leave nothing, zero and the empty string are themselves', () => {
  assert.equal(String(html`[${null}${undefined}${false}${0}${''}]`), '[0]');
});

test('text that turns its surroundings round, or cannot be shown, does not pass', () => {
  assert.equal(String(html`${'a\u202Eb\u0000c\uD800d\u2067e\te\n'}`), 'a�b�c�d�e\te\n');
  assert.equal(String(html`${'👩‍💻 עברית naïve'}`), '👩‍💻 עברית naïve');
});

test('no text whatever opens a tag, an entity or ends an attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const shown = String(html`${text}`);
      assert.ok(!/[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/.test(shown), shown);
    }),
  );
});

test('every attribute that something is put into has quotes', () => {
  const folder = path.join(import.meta.dirname, '..');
  const files = globSync('**/*.ts', { cwd: folder }).filter((file) => !file.includes('.test.'));
  assert.ok(files.length > 3);
  for (const file of files) {
    const text = readFileSync(path.join(folder, file), 'utf8');
    assert.doesNotMatch(text, /<[a-z][^<>`]*\s[\w-]+=(?:'[^'`]*)?\$\{/, file);
    // Mail clients drop style sheets, so mails have style attributes.
    if (file.startsWith('notify/mail/')) continue;
    assert.doesNotMatch(text, /<(?:style|script)[^>]*>[^<]*\$\{|\son[a-z]+="|\sstyle="/, file);
  }
});
