import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { runLines } from '../support/cli/run-lines.ts';
import { CHECKOUT, crashmon } from '../support/crashmon.ts';
import { assertGolden } from '../support/golden.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const VERBS = [
  'run',
  'agent',
  'status',
  'crashes',
  'show',
  'receipt',
  'logs',
  'arm',
  'disarm',
  'session',
  'doctor',
  'portal',
  'demo',
];

async function helpOf(lines: readonly string[][]): Promise<string[]> {
  await using state = await temporaryDirectory('help');
  return (await runLines(lines, state.path)).map(({ code, stdout, stderr }) => {
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    return stdout;
  });
}

/** `--name`, `-h` of a help text or, with its dashes escaped, of a manual page. */
function optionsIn(text: string): string[] {
  const ofHelp = text.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm);
  const ofPage = text.replaceAll('\\-', '-').matchAll(/^\.B[IR]? "?(--[\w-]+)/gm);
  return [...ofHelp, ...ofPage].map((match) => match[1] ?? '').toSorted();
}

type Help = { words: string[]; text: string };

/** Verbs of verbs, such as `portal backup`, with their help; `list` is what its verb does by itself. */
async function verbsBelow(verbs: readonly Help[]): Promise<Help[]> {
  const below = verbs.flatMap(({ words, text }) => {
    const commands = text.split('\nCommands:\n')[1]?.split('\n\n')[0] ?? '';
    const names = Array.from(commands.matchAll(/^ {2}([\w-]+)/gm), (match) => match[1] ?? '');
    return names.filter((name) => name !== 'list').map((name) => [...words, name]);
  });
  if (below.length === 0) return [];
  const texts = await helpOf(below.map((words) => [...words, '--help']));
  const found = below.map((words, at) => ({ words, text: texts[at] ?? '' }));
  return [...found, ...(await verbsBelow(found))];
}

test('crashmon alone, --help and help are the same, and list every verb', async () => {
  const [text = '', ...others] = await helpOf([[], ['--help'], ['help']]);
  assertGolden('cli/help/crashmon.txt', text);
  assert.deepEqual(others, [text, text]);
  // What a process of its own prints is the same.
  await using state = await temporaryDirectory('help');
  const { code, stdout, stderr } = await crashmon([], { stateDir: state.path });
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: text, stderr: '' });
  const listed = Array.from(text.matchAll(/^ {2}(\w+)(?: \[| {2,}[A-Z])/gm), (match) => match[1]);
  assert.deepEqual(listed, [...VERBS, 'help']);
});

test('the manual page has the options and verbs of crashmon itself', async () => {
  const page = readFileSync(path.join(CHECKOUT, 'docs/man/crashmon.1'), 'utf8');
  assert.deepEqual(optionsIn(page), optionsIn((await helpOf([[]])).join()));
  const verbs = page.slice(page.indexOf('.SH "VERBS"'), page.indexOf('.SH "EXIT STATUS"'));
  assert.deepEqual(
    Array.from(verbs.matchAll(/^\.B (\w+)$/gm), (match) => match[1]),
    [...VERBS, 'help'],
  );
});

test('each verb has a help, which `help` shows, too, and a manual page with its options', async () => {
  const texts = await helpOf(
    VERBS.flatMap((verb) => [
      [verb, '--help'],
      ['help', verb],
    ]),
  );
  const verbs = VERBS.map((verb, at) => ({ words: [verb], text: texts[2 * at] ?? '' }));
  const all = [...verbs, ...(await verbsBelow(verbs))];
  for (const [at, verb] of VERBS.entries()) {
    const text = texts[2 * at] ?? '';
    assertGolden(`cli/help/${verb}.txt`, text);
    assert.equal(texts[2 * at + 1], text);
    const page = readFileSync(path.join(CHECKOUT, `docs/man/crashmon-${verb}.1`), 'utf8');
    const own = all.filter(({ words }) => words[0] === verb);
    assert.deepEqual(new Set(optionsIn(page)), new Set(own.flatMap((each) => optionsIn(each.text))));
    for (const { words } of own.slice(1))
      assert.match(page, new RegExp(`^\\.BI? "?${words.join(' ')}\\b`, 'm'));
  }
});
