import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT, crashmon } from '../support/crashmon.ts';
import { assertGolden } from '../support/golden.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const VERBS = [
  'run',
  'agent',
  'status',
  'crashes',
  'show',
  'logs',
  'arm',
  'disarm',
  'doctor',
  'portal',
  'demo',
];

async function help(...args: string[]): Promise<string> {
  await using state = await temporaryDirectory('help');
  const { code, stdout, stderr } = await crashmon(args, { stateDir: state.path });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  return stdout;
}

/** `--name`, `-h` of a help text or, with its dashes escaped, of a manual page. */
function optionsIn(text: string): string[] {
  const ofHelp = text.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm);
  const ofPage = text.replaceAll('\\-', '-').matchAll(/^\.B[IR]? "?(--[\w-]+)/gm);
  return [...ofHelp, ...ofPage].map((match) => match[1] ?? '').toSorted();
}

/** Verbs of verbs, such as `portal backup`, with their help; `list` is what its verb does by itself. */
async function verbsBelow(
  words: readonly string[],
  text: string,
): Promise<{ words: string[]; text: string }[]> {
  const commands = text.split('\nCommands:\n')[1]?.split('\n\n')[0] ?? '';
  const names = Array.from(commands.matchAll(/^ {2}(\w+)/gm), (match) => match[1] ?? '');
  const found = [];
  for (const name of names.filter((each) => each !== 'list')) {
    const own = [...words, name];
    const printed = await help(...own, '--help');
    found.push({ words: own, text: printed }, ...(await verbsBelow(own, printed)));
  }
  return found;
}

test('crashmon alone, --help and help are the same, and list every verb', async () => {
  const text = await help();
  assertGolden('cli/help/crashmon.txt', text);
  assert.equal(await help('--help'), text);
  assert.equal(await help('help'), text);
  const listed = Array.from(text.matchAll(/^ {2}(\w+) \[/gm), (match) => match[1]);
  assert.deepEqual(listed, [...VERBS, 'help']);
});

test('the manual page has the options and verbs of crashmon itself', async () => {
  const page = readFileSync(path.join(CHECKOUT, 'docs/man/crashmon.1'), 'utf8');
  assert.deepEqual(optionsIn(page), optionsIn(await help()));
  const verbs = page.slice(page.indexOf('.SH "VERBS"'), page.indexOf('.SH "EXIT STATUS"'));
  assert.deepEqual(
    Array.from(verbs.matchAll(/^\.B (\w+)$/gm), (match) => match[1]),
    [...VERBS, 'help'],
  );
});

for (const verb of VERBS) {
  test(`crashmon ${verb} --help, crashmon help ${verb} and its manual page`, async () => {
    const text = await help(verb, '--help');
    assertGolden(`cli/help/${verb}.txt`, text);
    assert.equal(await help('help', verb), text);
    const page = readFileSync(path.join(CHECKOUT, `docs/man/crashmon-${verb}.1`), 'utf8');
    const below = await verbsBelow([verb], text);
    const options = [text, ...below.map((each) => each.text)].flatMap(optionsIn);
    assert.deepEqual(new Set(optionsIn(page)), new Set(options));
    for (const { words } of below) assert.match(page, new RegExp(`^\\.BI? "?${words.join(' ')}\\b`, 'm'));
  });
}
