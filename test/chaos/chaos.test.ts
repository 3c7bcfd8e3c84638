import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { MAIN } from '../support/crashmon.ts';
import { runProgram } from '../support/run-program.ts';
import { SEED } from '../support/seed.ts';

const PROGRAM = path.join(import.meta.dirname, 'main.ts');
const DEADLINE_MS = 1_150_000;

test(`the whole system keeps its promises among faults (seed ${SEED})`, async (context) => {
  const options = ['--minutes', '0.6', '--seed', `${SEED}`, `--crashmon=${MAIN}`];
  const { code, stdout, stderr } = await runProgram(process.execPath, [PROGRAM, ...options], {
    deadlineMs: DEADLINE_MS,
  });
  for (const line of stdout.trim().split('\n')) context.diagnostic(line);
  assert.equal(code, 0, stdout + stderr);
});
