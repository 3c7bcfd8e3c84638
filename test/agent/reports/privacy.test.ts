import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT, crashmon } from '../../support/crashmon.ts';
import { matrix } from '../../support/matrix.ts';
import { nodeBinary } from '../../support/node-versions.ts';
import { storedExits } from '../../support/stored-exits.ts';
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

const CASES = matrix(WAYS, [nodeBinary(26), nodeBinary(18)]);

test('nothing private leaves a worker, in whatever way it dies', async () => {
  for (const cases of Object.values(Object.groupBy(CASES, ([, { major }]) => major))) {
    // All in one state directory: what is read of it at the end is read once.
    await using directory = await temporaryDirectory('privacy');
    const stateDir = directory.path;
    const known = new Set<string>();
    for (const [way, node] of cases) known.add(await assertShownPrivately(stateDir, node.path, way, known));
    await assertNoneIn(stateDir, ['crashes', '--json']);
    await assertStoredPrivately(
      stateDir,
      cases.map(([way]) => way),
    );
  }
});

/** An app for each way. @returns the ID of its crash, which is none of the known ones */
async function assertShownPrivately(
  stateDir: string,
  node: string,
  way: string,
  known: ReadonlySet<string>,
): Promise<string> {
  const options = ['--name', way, '--arm-after', '0', '--restart', 'never', '--json'];
  const run = await crashmon(['run', ...options, '--', node, PROGRAM, way, SECRET], {
    stateDir,
    env: { TEST_SECRET: SECRET },
  });
  const exit = storedExits(stateDir).find(({ id }) => !known.has(id));
  const report = await untilShown(stateDir, exit?.id);
  assert.equal(report.app, way);
  assert.ok(!JSON.stringify(report).includes(SECRET), `${way}: show --json`);

  // What crashmon itself says while it runs stands between what the worker says.
  const said = run.stderr.split('\n').filter((line) => line.startsWith('{"at":'));
  assert.ok(said.length >= 2);
  assert.ok(!said.join('\n').includes(SECRET), way);
  await assertNoneIn(stateDir, ['show', report.id, '--all']);
  return report.id;
}

async function assertNoneIn(stateDir: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await crashmon(args, { stateDir });
  assert.equal(code, 0, stderr);
  assert.ok(stdout.length > 2, `${args} says something`);
  assert.ok(!`${stdout}${stderr}`.includes(SECRET), args.join(' '));
}

/** Nothing but a private log for each way has the secret. */
async function assertStoredPrivately(stateDir: string, ways: readonly string[]): Promise<void> {
  const logs: string[] = [];
  for (const file of await readdir(stateDir, { recursive: true })) {
    const full = path.join(stateDir, file);
    if (!(await stat(full)).isFile()) continue;
    if (path.basename(path.dirname(full)) === 'crashdumps') logs.push(full);
    else assert.ok(!(await readFile(full)).includes(SECRET), file);
  }
  const appsOf = (file: string) => path.relative(path.join(stateDir, 'apps'), file).split(path.sep)[0];
  assert.deepEqual(logs.map(appsOf).toSorted(), ways.toSorted());
  for (const file of logs) {
    const log = await readFile(file, 'utf8');
    assert.ok(log.includes(SECRET), `${file}: the private log has it`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is tested
    assert.doesNotMatch(log, /[\u0000-\u0009\u000b-\u001f\u007f]/, file);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.equal((await stat(path.dirname(file))).mode & 0o777, 0o700);
  }
}
