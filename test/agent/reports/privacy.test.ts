import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT, crashmon } from '../../support/crashmon.ts';
import { nodeBinaries } from '../../support/node-versions.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { untilShown } from '../../support/until-reported.ts';

// Not shaped like an identifier on purpose where a number would do: cards, mail addresses and names are what leaks.
const SECRET = '4111-1111-1111-1111';
const PROGRAM = path.join(CHECKOUT, 'test', 'fixtures', 'run', 'leaks-secrets.cjs');
const WAYS = [
  'error',
  'formatted-before',
  'message-changed',
  'huge',
  'string',
  'object',
  'rejection',
  'aggregate',
  'named-function',
  'named-class',
  'eval',
  'exit',
  'abort',
  'overflow',
];

for (const { major, path: node } of nodeBinaries().filter(({ major }) => major === 18 || major === 26)) {
  test(`nothing private leaves a worker on Node ${major}, in whatever way it dies`, async () => {
    for (const way of WAYS) await assertPrivate(node, way);
  });
}

async function assertPrivate(node: string, way: string): Promise<void> {
  await using directory = await temporaryDirectory('privacy');
  const stateDir = directory.path;
  const run = await crashmon(
    [
      'run',
      '--name',
      'shop',
      '--arm-after',
      '0',
      '--restart',
      'never',
      '--json',
      '--',
      node,
      PROGRAM,
      way,
      SECRET,
    ],
    { stateDir, env: { TEST_SECRET: SECRET } },
  );
  const report = await untilShown(stateDir);
  assert.equal(report.app, 'shop', way);
  assert.ok(!JSON.stringify(report).includes(SECRET), `${way}: show --json`);

  // What crashmon itself says while it runs stands between what the worker says.
  const said = run.stderr.split('\n').filter((line) => line.startsWith('{"at":'));
  assert.ok(said.length >= 2);
  assert.ok(!said.join('\n').includes(SECRET), way);
  for (const args of [
    ['show', '--all'],
    ['crashes', '--json'],
  ]) {
    const { stdout, stderr } = await crashmon(args, { stateDir });
    assert.ok(stdout.length > 2, `${args} says something`);
    assert.ok(!`${stdout}${stderr}`.includes(SECRET), `${way}: ${args.join(' ')}`);
  }
  const logs: string[] = [];
  for (const file of await readdir(stateDir, { recursive: true })) {
    const full = path.join(stateDir, file);
    if (!(await stat(full)).isFile()) continue;
    if (path.basename(path.dirname(full)) === 'crashdumps') logs.push(full);
    else assert.ok(!(await readFile(full)).includes(SECRET), `${way}: ${file}`);
  }
  assert.equal(logs.length, 1, way);
  const log = await readFile(logs[0] ?? '', 'utf8');
  assert.ok(log.includes(SECRET), `${way}: the private log has it`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is tested
  assert.doesNotMatch(log, /[\u0000-\u0009\u000b-\u001f\u007f]/, way);
  assert.equal((await stat(logs[0] ?? '')).mode & 0o777, 0o600);
  assert.equal((await stat(path.dirname(logs[0] ?? ''))).mode & 0o777, 0o700);
}
