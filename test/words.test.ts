import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT } from './support/crashmon.ts';

const FILES = [
  '*.md',
  'crashmon',
  '{docs,examples,scripts}/**/*.{md,1,ts,js,cjs,sh,json}',
  'bench/**/*.{ts,cjs,mjs}',
  '{src,test}/**/*.{ts,cts,mjs,cjs,js,css,sh}',
];
const EXCLUDE = [
  ...['**/node_modules/**', '**/dist/**', 'src/probe/bundled/**'],
  // Programs of others, and recordings of them.
  ...['test/fixtures/last-words/**', 'test/fixtures/previous-version/**', 'test/words.test.ts'],
];

/** Words that readers would have to translate; also as parts of identifiers: `toldCrash`, `tell_digest`. */
const AVOIDED = [
  /\b(?:told|untold|tells?|telling|tellers?)\b/gi,
  /\b(?:whoever|whom|whomever|nobody|somebody|anybody)\b/gi,
  /\b(?:deadly|rehears\w+|let go|given up|by hand(?!-)|for want of)\b/gi,
  /\b(?:cannot|could not|can) bear\b|\bbears\b/gi,
  /\b(?:dies?|died|dying) of\b/gi,
  /\bunhandled exceptions?\b/gi,
  /\b(?:crashed of|ended itself|heap full|sends on|by heart|goodbye|sort(?:s|ed)? Out|worth Of|looks Of|last Word)\b/g,
];
const BRITISH = [
  /\b\w*(?:colour|behaviour|neighbour|favour|honour|flavour)\w*/gi,
  /\b\w*(?:normal|serial|recogn|optim|organ|initial|summar|synchron|minim|maxim|prior|symbol|sanit|custom|categor|anonym|util)is(?:e|es|ed|er|ers|ing|ations?)\b/gi,
  /\b(?:analyse|analysed|analysing|catalogues?|learnt|judgements?|labelled|signalled|cancelled|modelled|licences?|artefacts?|centred?|grey|whilst|amongst)\b/gi,
];

/** Most lines have none of them, and one pattern finds that out sooner than twelve. */
const ANY = new RegExp([...AVOIDED, ...BRITISH].map(({ source }) => source).join('|'), 'i');

type Exception = { readonly file: RegExp; readonly word: RegExp; readonly reason: string };
const EXCEPTIONS: readonly Exception[] = [
  { file: /^src\/model\/history\//, word: /./, reason: 'sentences of version 0.1, which databases hold' },
  {
    file: /^src\/(journal\/(migrations|notification-rows\.test)|portal\/store\/schema\/migrations)\.ts$/,
    word: /told|tell/i,
    reason: 'field names of version 0.1, which databases hold',
  },
  {
    file: /^src\/portal\/notifications\/sending\/start-notifications\.ts$/,
    word: /^given up$/,
    reason: 'the metric crashmon_portal_notices_given_up',
  },
  {
    file: /^(?:src\/cli\/(?:journals|render)|docs\/report-schema|test\/notify\/single-machine)/,
    word: /^given Up$/i,
    reason: '`givenUp` in `status --json`',
  },
  {
    file: /^(?:src\/formats\/last-words|test\/symbols\/dotnet)/,
    word: /^unhandled exceptions?$/i,
    reason: 'what Ruby and .NET print',
  },
  {
    file: /^test\/portal\/ingest\/previous-version\.test\.ts$/,
    word: /^(?:nobody|unhandled exception)$/,
    reason: 'a sentence of version 0.1',
  },
  {
    file: /^test\/support\/portal\/database\.ts$/,
    word: /^nobody$/,
    reason: 'the name of an account of the system',
  },
];

const files = globSync(FILES, { cwd: CHECKOUT, exclude: EXCLUDE }).sort();

test('words are plain, and spelling is American', () => {
  assert.ok(files.length > 500, `only ${files.length} files seen`);
  const found = files.flatMap(violationsIn).map(({ file, line, word }) => `${file}:${line}: ${word}`);
  assert.deepEqual(found, []);
});

test('every exception is needed', () => {
  for (const { file, word, reason } of EXCEPTIONS) {
    const isUsed = files.some((name) => file.test(name) && wordsIn(name).some((hit) => word.test(hit.word)));
    assert.ok(isUsed, `${file} ${word}: ${reason}`);
  }
});

type Hit = { readonly file: string; readonly line: number; readonly word: string };

function violationsIn(name: string): Hit[] {
  return wordsIn(name).filter(
    (hit) => !EXCEPTIONS.some(({ file, word }) => file.test(name) && word.test(hit.word)),
  );
}

function wordsIn(file: string): Hit[] {
  const text = readFileSync(path.join(CHECKOUT, file), 'utf8');
  // Identifiers as their parts: toldCrash → told Crash.
  const parts = `${file}\n${text}`.replace(/(?<=[a-z\d])(?=[A-Z])|_/g, ' ');
  return parts.split('\n').flatMap((line, number) => {
    if (!ANY.test(line)) return [];
    return [...AVOIDED, ...BRITISH].flatMap((pattern) =>
      Array.from(line.matchAll(pattern), ([word]) => ({ file, line: number, word })),
    );
  });
}
