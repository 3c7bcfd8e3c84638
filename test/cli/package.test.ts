import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { cloneInto, linkPackages } from '../support/clone.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { IS_COMPLETE } from '../support/matrix.ts';
import { nodeBinary } from '../support/node-versions.ts';
import { cleanEnvironment, npm, pathWith } from '../support/npm.ts';
import { talk } from '../support/parent-channel.ts';
import { runProgram, startProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const QUIET = ['--no-audit', '--no-fund'];

test('npm pack in a fresh clone makes a package that installs globally and runs', async () => {
  await using temporary = await temporaryDirectory('package');
  const prefix = path.join(temporary.path, 'prefix');
  const node24 = pathWith(path.dirname(nodeBinary(24).path));

  // A fresh clone, on the Node.js of a fresh machine.
  const clone = await cloneInto(temporary.path);
  if (!IS_COMPLETE) await linkPackages(clone);
  const packed = await npm(['pack', '--json', '--pack-destination', temporary.path], {
    cwd: clone,
    env: { PATH: pathWith(path.dirname(nodeBinary(20).path)) },
    deadlineMs: 600_000,
  });
  const tarball = /"filename": "([^"]+)"/.exec(packed.stdout)?.[1] ?? '';
  const contents: string[] = Array.from(
    packed.stdout.matchAll(/"path": "([^"]+)"/g),
    (match) => match[1] ?? '',
  );
  for (const name of ['main.mjs', 'start/crashmon.sh', 'start/keep-for-worker.sh']) {
    assert.ok(contents.includes(`dist/cli/${name}`), name);
  }
  assert.ok(contents.includes('dist/cli/cli.js'));
  const probes = ['bundled/probe.cjs', 'ruby/probe.rb', 'perl/Crashmon/Probe.pm', 'php/crashmon.ini'];
  // The first keeps Python from writing beside the others.
  const python = ['__pycache__', 'sitecustomize.py', 'last_exception.py'].map((name) => `python/${name}`);
  for (const name of [...probes, ...python]) assert.ok(contents.includes(`dist/probe/${name}`), name);
  assert.ok(contents.includes('examples/shop/dist/server.js'));
  const unwanted = contents.filter(
    (file) => /\.test\.|\.ts$|^test\//.test(file) && !file.startsWith('examples/'),
  );
  assert.deepEqual(unwanted, []);

  await npm(['install', '--global', '--prefix', prefix, '--prefer-offline', ...QUIET, `./${tarball}`], {
    cwd: temporary.path,
    env: { PATH: node24 },
    deadlineMs: 600_000,
  });
  const installed = path.join(prefix, 'bin', 'crashmon');
  const { version } = JSON.parse(await readFile(path.join(CHECKOUT, 'package.json'), 'utf8'));

  const pages = (folder: string) => readdir(folder).then((names) => names.toSorted());
  const man = path.join(prefix, 'share/man/man1');
  assert.deepEqual(await pages(man), await pages(path.join(CHECKOUT, 'docs/man')));
  assert.match(await readFile(path.join(man, 'crashmon-run.1'), 'utf8'), /^\.TH "CRASHMON\\-RUN" 1 /m);

  const env = { ...cleanEnvironment(), PATH: node24 };
  const printed = await runProgram(installed, ['--version'], { cwd: '/', env });
  assert.deepEqual(printed, { code: 0, signal: null, stdout: `${version}\n`, stderr: '' });
  const help = await runProgram(installed, ['--help'], { cwd: '/', env });
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^Usage: crashmon/m);

  // The shop lies below node_modules, and its code is the app's all the same.
  await using state = await stateDirectory();
  const onPath = { ...env, PATH: pathWith(path.join(prefix, 'bin'), node24) };
  const demo = await runProgram(installed, ['demo', '--json', '--state-dir', state.path], {
    ...{ cwd: '/', env: onPath, deadlineMs: 600_000 },
  });
  assert.deepEqual({ code: demo.code, stderr: demo.stderr }, { code: 0, stderr: '' });
  const [frame] = JSON.parse(demo.stdout).frames;
  assert.deepEqual(
    [frame.function, frame.file, frame.line, frame.column, frame.inApp],
    ['discountOf', 'src/pricing.ts', 26, 11, true],
  );
  assert.doesNotMatch(demo.stdout, /node_modules/);
  const wrong = await runProgram(installed, ['status', 'a', 'b'], { cwd: '/', env: onPath });
  assert.match(wrong.stderr, / See crashmon status --help\n$/);

  // npm's link to the entry, too, hands the channel on.
  const talking = {
    env: { ...process.env, ...env, CRASHMON_STATE_DIR: state.path },
    serialization: 'json',
    leaves: 'worker',
  } as const;
  assert.deepEqual(await talk({ ...talking, entry: installed }), await talk(talking));

  await portalWithStyles(installed, { ...env, CRASHMON_STATE_DIR: state.path });
  await assertNothingLeft(state.path);

  const onOldNode = {
    env: { ...env, CRASHMON_TEST_SEED: undefined, PATH: pathWith(path.dirname(nodeBinary(20).path)) },
  };
  const old = await runProgram(installed, ['--version'], onOldNode);
  assert.equal(old.code, 2);
  assert.match(
    old.stderr,
    /^crashmon: needs Node\.js 24\.7 or later, this is v20\.\d+\.\d+\. Install it, or one for crashmon alone: sh .*\n$/,
  );
  const script = /sh (.*)\n$/.exec(old.stderr)?.[1] ?? '';
  assert.ok((await readFile(script, 'utf8')).startsWith('#!/bin/sh\n'));
  // The worker runs on any Node, also without crashmon.
  const command = ['sh', '-c', 'echo "$1"; env | grep CRASHMON_; exit 7', 'sh', 'a b'];
  const unmonitored = await runProgram(installed, ['run', '--quiet', '--', ...command], onOldNode);
  assert.deepEqual([unmonitored.code, unmonitored.stdout], [7, 'a b\n']);
  assert.match(
    unmonitored.stderr,
    /^crashmon: problem: needs Node\.js 24\.7 .*, found v20\.\d+\.\d+\. Install it, or .* The worker runs unmonitored: .*\n$/,
  );
  await onOlderNode(path.join(temporary.path, tarball));
});

/** There the package installs a Node.js of its own, and the worker keeps the one on PATH. */
async function onOlderNode(tarball: string): Promise<void> {
  await using temporary = await temporaryDirectory('package-old-node');
  await using state = await stateDirectory();
  const node20 = path.dirname(nodeBinary(20).path);
  const prefix = path.join(temporary.path, 'prefix');
  await npm(['install', '--global', '--prefix', prefix, '--prefer-offline', ...QUIET, tarball], {
    cwd: temporary.path,
    env: { PATH: pathWith(node20) },
    deadlineMs: 600_000,
  });
  const env = { ...cleanEnvironment(), PATH: pathWith(node20), CRASHMON_STATE_DIR: state.path };
  const installed = path.join(prefix, 'bin', 'crashmon');
  const worker = ['node', '-e', "console.log(process.version); throw new Error('end')"];
  const options = ['run', '--name', 'shop', '--restart', 'never', '--'];
  const { code, stdout } = await runProgram(installed, [...options, ...worker], { cwd: '/', env });
  assert.equal(code, 1);
  assert.match(stdout, /^v20\.\d+\.\d+\n$/);
  const crashes = await runProgram(installed, ['crashes', '--json'], { cwd: '/', env });
  assert.deepEqual(
    JSON.parse(crashes.stdout).map(({ reasonCode }: { reasonCode: string }) => reasonCode),
    ['printed-exception'],
  );
  await assertNothingLeft(state.path);
}

/** The package's portal serves its pages with everything that these load. */
async function portalWithStyles(installed: string, env: Record<string, string | undefined>): Promise<void> {
  await using portal = startProgram(installed, ['portal', '--port', '0'], { cwd: '/', env });
  const [, url = ''] = await portal.waitForLine('stdout', /^The portal is at (http:\S+)$/);
  const [, link = ''] = await portal.waitForLine('stdout', /^ {2}(http:\S+\/setup\/\S+)$/);
  const page = await fetch(link);
  assert.equal(page.status, 200);
  const loaded = Array.from(
    (await page.text()).matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g),
    (match) => match[1] ?? '',
  );
  const types = new Map<string, string | null>();
  for (const asset of loaded) {
    const answer = await fetch(new URL(asset, url));
    assert.equal(answer.status, 200, asset);
    assert.ok((await answer.text()).length > 0, asset);
    types.set(path.basename(asset), answer.headers.get('content-type'));
  }
  assert.match(types.get('portal.css') ?? '', /^text\/css/);
  assert.match(types.get('uPlot.min.css') ?? '', /^text\/css/);
  assert.match(types.get('portal.js') ?? '', /^(?:text|application)\/javascript/);
  const chart = await fetch(new URL(`${path.dirname(loaded[0] ?? '')}/uPlot.esm.js`, url));
  assert.equal(chart.status, 200);
  portal.kill('SIGTERM');
  const { code, stderr } = await portal.exited;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
}
