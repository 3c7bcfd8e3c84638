import assert from 'node:assert/strict';
import { test } from 'node:test';
import { html } from './html.ts';
import { unbrokenOptions } from './unbroken-options.ts';

const marked = (text: string) =>
  html`${unbrokenOptions(text, (option) => html`<b>${option}</b>`)}`.toString();

test('each option is marked up, and the text stays as it is', () => {
  assert.equal(
    marked('Set --max-old-space-size lower (not --smtp=<x>).'),
    'Set <b>--max-old-space-size</b> lower (not <b>--smtp</b>=&lt;x&gt;).',
  );
  assert.equal(marked('a well-known cause -- see below'), 'a well-known cause -- see below');
});
