import assert from 'node:assert/strict';
import { copyFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { CHECKOUT } from '../support/crashmon.ts';
import { cleanEnvironment } from '../support/npm.ts';
import { runProgram } from '../support/run-program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

type Job = { steps: { id?: string; run?: string; with?: Record<string, string> }[] };

const FILE = path.join(CHECKOUT, '.github/workflows/release.yml');
/** As GitHub's runner sets them; the owner has a capital. */
const RUN = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'Tea-Shop/crash_mon',
  GITHUB_REF_NAME: 'v1.2.3',
};

/** Runs the `run` steps that this one chooses as the runner would. */
async function runSteps(job: Job, chosen: (run: string) => boolean, cwd: string, output = ''): Promise<void> {
  const runs = job.steps.flatMap(({ run }) => (run !== undefined && chosen(run) ? [run] : []));
  assert.equal(runs.length, 1);
  const env = { ...cleanEnvironment(), ...RUN, GITHUB_OUTPUT: output };
  const { code, stderr } = await runProgram('bash', ['-e', '-c', runs[0] ?? ''], { cwd, env });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
}

test('a release names the repository that it runs in, and differs in nothing else', async () => {
  await using temporary = await temporaryDirectory('release');
  const { npm, image }: { npm: Job; image: Job } = parse(await readFile(FILE, 'utf8')).jobs;
  const place = path.join(temporary.path, 'package.json');
  const original = path.join(CHECKOUT, 'package.json');
  await copyFile(original, place);
  await runSteps(npm, (run) => run.startsWith('npm pkg set'), temporary.path);
  const { repository, ...others } = JSON.parse(await readFile(place, 'utf8'));
  assert.deepEqual(repository, { type: 'git', url: 'git+https://github.com/Tea-Shop/crash_mon.git' });
  assert.deepEqual(others, JSON.parse(await readFile(original, 'utf8')));
  const commands = npm.steps.map(({ run }) => run ?? '');
  const indexOf = (start: string) => commands.findIndex((command) => command.startsWith(start));
  assert.ok(indexOf('npm publish') > indexOf('npm pkg set'));

  // Names of images have no capitals.
  const output = path.join(temporary.path, 'output');
  const setUp = (run: string) => run.includes('GITHUB_OUTPUT');
  assert.ok(image.steps.some(({ id, run }) => id === 'image' && setUp(run ?? '')));
  await runSteps(image, setUp, CHECKOUT, output);
  assert.match(
    await readFile(output, 'utf8'),
    /^time=\d{10}\nname=ghcr\.io\/tea-shop\/crash_mon:v1\.2\.3\n$/,
  );
  assert.match(image.steps.at(-1)?.with?.tags ?? '', / steps\.image\.outputs\.name /);
});
