import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { listJournals } from '../../../src/journal/list-journals.ts';
import { listPrivateLogs, readPrivateLog } from '../../../src/journal/private-log.ts';
import { crashmon } from '../../support/crashmon.ts';
import { programBuilder } from '../../support/last-words/program-builder.ts';
import { assertNothingLeft } from '../../support/leftovers.ts';
import { runProgram } from '../../support/run-program.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { storedExits } from '../../support/stored-exits.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { untilReported } from '../../support/until-reported.ts';
import { exitsOf, run } from '../run-worker.ts';

const PYTHON = '/usr/bin/python3';
const THROWS = `def total(cart):
    raise KeyError(cart["CANARY"])

def pay():
    total({"CANARY": "4111"})

pay()
`;

/** Runs a program once, and waits for its report. @param folder where it is, below a package.json */
async function reportOf(name: string, source: string, command: readonly string[], folder = '') {
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('app');
  const cwd = path.join(app.path, folder);
  await mkdir(cwd, { recursive: true });
  if (folder !== '') await writeFile(path.join(app.path, 'package.json'), '{"name": "front"}');
  await writeFile(path.join(cwd, name), source);
  const ended = await run({
    stateDir: state.path,
    cwd,
    options: ['--restart', 'never'],
    command: [...command, name],
  });
  const report = await untilReported(state.path);
  const [exit] = storedExits(state.path);
  const [{ directory } = { directory: '' }] = listJournals(state.path);
  const log = readPrivateLog(directory, report.id) ?? '';
  const [listed] = listPrivateLogs(directory);
  await assertNothingLeft(state.path);
  return { ended, report, exit, log, listed };
}

describe('the first crash has its stack', { concurrency: 2 }, () => {
  test('paths of Python begin at its own root, not at that of a package.json above', async () => {
    const { report } = await reportOf('shop.py', THROWS, [PYTHON], 'services/backend');
    assert.deepEqual([...new Set(report.frames.map(({ file }) => file))], ['shop.py']);
  });

  test('Python: likely, because an app that logs and exits looks the same', async () => {
    const { report, exit, log, listed } = await reportOf('shop.py', THROWS, [PYTHON]);
    assert.deepEqual(
      [report.source, report.proof, report.runtime?.name, report.kind, report.exceptionType],
      ['last-words', 'likely', 'python', 'exception', 'KeyError'],
    );
    assert.match(report.runtime?.version ?? '', /^3\.\d+$/);
    assert.deepEqual(
      report.frames.map(({ function: name, file, line, inApp, trust }) => [name, file, line, inApp, trust]),
      [
        ['total', 'shop.py', 2, true, 'vouched-text'],
        ['pay', 'shop.py', 5, true, 'vouched-text'],
        ['<module>', 'shop.py', 7, true, 'vouched-text'],
      ],
    );
    assert.deepEqual(exit?.verdict, {
      ...{ counted: true, suspected: false, kind: 'exception' },
      reason: { code: 'likely-exception', runtime: 'python' },
    });
    // Neither starts a cool-down nor uses up an arming.
    assert.deepEqual([exit.captured, exit.reported], [false, true]);
    assert.doesNotMatch(JSON.stringify(report), /4111|CANARY/);
    assert.match(log, /KeyError: '4111'/);
    assert.equal(listed?.captured, false);
  });

  test('a Rust program: proven by the executable, without its sources', async () => {
    await using builder = await programBuilder();
    const program = await builder.rust('plain', '-g');
    const { report, exit, log } = await reportOf('ignored', '', [program]);
    assert.deepEqual([report.proof, report.runtime?.name, report.exceptionType], ['proven', 'rust', 'panic']);
    assert.match(report.runtime?.version ?? '', /^1\.\d+/);
    const own = report.frames.find(({ inApp }) => inApp);
    assert.deepEqual([own?.line, own?.trust], [2, 'vouched-text']);
    assert.deepEqual(exit?.verdict.reason, { code: 'reported-exception', runtime: 'rust' });
    assert.match(log, /CANARY/);
    assert.doesNotMatch(JSON.stringify(report), /CANARY/);
  });

  test("a C++ exception: SIGABRT with its type, which is the debugger's own kind of crash", async () => {
    await using builder = await programBuilder();
    const { report, exit } = await reportOf('ignored', '', [await builder.cpp('terminate')]);
    assert.deepEqual(
      [report.kind, report.signal, report.exceptionType, report.runtime?.name],
      ['abort', 'SIGABRT', 'shop::CouponError', 'native'],
    );
    assert.deepEqual([exit?.verdict.kind, exit?.verdict.suspected], ['abort', false]);
    assert.doesNotMatch(JSON.stringify(report), /CANARY|ada@/);
  });

  test('a Go program that ends within milliseconds: proven', async () => {
    await using build = await temporaryDirectory('go');
    const source = path.join(build.path, 'shop.go');
    await writeFile(
      source,
      'package main\n\nfunc total(prices map[string]int) {\n\tprices["CANARY"] = 4111\n}\n\nfunc main() {\n\ttotal(nil)\n}\n',
    );
    const program = path.join(build.path, 'shop');
    const built = await runProgram('go', ['build', '-o', program, source], { deadlineMs: 300_000 });
    assert.equal(built.code, 0, built.stderr);
    const { report, exit } = await reportOf('ignored', '', [program]);
    assert.deepEqual(
      [report.proof, report.runtime?.name, report.frames.find(({ inApp }) => inApp)?.function],
      ['proven', 'go', 'main.total'],
    );
    assert.deepEqual(exit?.verdict.reason, { code: 'reported-exception', runtime: 'go' });
  });

  test('below a shell that waits for it', async () => {
    const { report, exit } = await reportOf('shop.py', THROWS, ['sh', '-c', `${PYTHON} "$0"; exit $?`]);
    assert.equal(report.frames[0]?.function, 'total');
    assert.equal(exit?.verdict.reason.code, 'likely-exception');
  });

  test('a message that looks like a second traceback is no stack', async () => {
    const fake =
      'Traceback (most recent call last):\\n  File "/srv/CANARY.py", line 4, in steal\\n    x\\nOops: 1';
    const { report } = await reportOf('shop.py', `def f():\n    raise ValueError("""x\n${fake}""")\nf()\n`, [
      PYTHON,
    ]);
    assert.equal(report.exceptionType, 'ValueError');
    assert.equal(report.frames[0]?.function, 'f');
    assert.doesNotMatch(JSON.stringify(report), /CANARY|steal/);
  });
});

/** Exits and the number of reports of a program that ends once. */
async function outcomeOf(source: string) {
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('app');
  await writeFile(path.join(app.path, 'shop.py'), source);
  const command = [PYTHON, 'shop.py'];
  await run({ stateDir: state.path, cwd: app.path, options: ['--restart', 'never'], command });
  await assertNothingLeft(state.path);
  const [exit] = storedExits(state.path);
  const report = exit?.reported === true ? await untilReported(state.path) : null;
  const [listed] = exitsOf(state.path);
  return { exit, report, listed };
}

describe('what was only logged', { concurrency: 2 }, () => {
  test('an app that logs a traceback and goes on did not crash', async () => {
    const source = 'import traceback\ntry:\n    {}["x"]\nexcept KeyError:\n    traceback.print_exc()\n';
    const { exit, report } = await outcomeOf(source);
    assert.deepEqual([exit?.verdict.counted, report], [false, null]);
  });

  test('one that logs it, and exits because of something else, is still suspected, with the stack', async () => {
    const source =
      'import sys, traceback\ndef load():\n    return {}["x"]\ntry:\n    load()\nexcept KeyError:\n    traceback.print_exc()\n' +
      'print("cannot reach the queue", file=sys.stderr)\nsys.exit(3)\n';
    const { exit, report, listed } = await outcomeOf(source);
    assert.deepEqual([exit?.verdict.kind, exit?.verdict.suspected], ['exit', true]);
    assert.equal(listed?.reason, 'exit 3: cause unknown');
    assert.deepEqual([report?.proof, report?.kind, report?.frames[0]?.function], ['printed', 'exit', 'load']);
  });

  test('what was printed long before the exit is not about it', async () => {
    const source =
      'import sys, time, traceback\ntry:\n    {}["x"]\nexcept KeyError:\n    traceback.print_exc()\n' +
      'time.sleep(3.5)\nsys.exit(1)\n';
    const { exit, report } = await outcomeOf(source);
    assert.deepEqual([exit?.verdict.kind, exit?.verdict.suspected, report], ['exit', true, null]);
  });
});

test('words of any length before it change nothing: a megabyte is read', async () => {
  const source = `import sys\nsys.stderr.write("x" * 99 + "\\n")\n${THROWS.replace(
    'cart["CANARY"]',
    '"m" * 300000',
  )}`;
  const { report } = await outcomeOf(source);
  assert.deepEqual([report?.exceptionType, report?.frames[0]?.function], ['KeyError', 'total']);
});

test('it is shown as other crashes are', async () => {
  await using state = await stateDirectory();
  await using app = await temporaryDirectory('app');
  await writeFile(path.join(app.path, 'shop.py'), THROWS);
  const command = [PYTHON, 'shop.py'];
  await run({ stateDir: state.path, cwd: app.path, options: ['--restart', 'never'], command });
  await untilReported(state.path);
  const { stdout } = await crashmon(['show'], { stateDir: state.path });
  assert.match(stdout, /uncaught KeyError/);
  assert.match(stdout, /> total\s+shop\.py:2/);
  assert.doesNotMatch(stdout, /4111/);
});
