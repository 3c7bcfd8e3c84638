import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { CHECKOUT, crashmon, startCrashmon } from '../support/crashmon.ts';
import { assertNothingLeft } from '../support/leftovers.ts';
import { runProgram } from '../support/run-program.ts';
import { stateDirectory } from '../support/state-directory.ts';

/** A machine can be slow: three instances of crashmon and a portal start here. */
const DEADLINE_MS = 600_000;

test('./crashmon demo ends with the stack, and what it suggests works; the next one there stays, and signs in', async () => {
  await using state = await stateDirectory();
  const args = ['demo', '--state-dir', state.path];
  const options = {
    cwd: CHECKOUT,
    deadlineMs: DEADLINE_MS,
    env: { NODE_OPTIONS: '--no-warnings', CRASHMON_STATE_DIR: undefined },
  };
  const { code, stdout, stderr } = await runProgram('./crashmon', args, options);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.equal(stdout.match(/^ {2}order \d/gm)?.length, 6);
  assert.match(stdout, /^ {2}order 1: .*crashed.*; call stack: src\/pricing\.ts:24$/m);
  assert.match(stdout, /^ {2}a ticket office in Python, .*; call stack: pricing\.py:12$/m);
  assert.match(stdout, /^ {2}> discountOf +src\/pricing\.ts:26:11$/m);
  assert.match(stdout, /^ {2}portal is up at (http:\S+); to sign in: \1\/link\/\S+$/m);
  assert.match(stdout, /portal received it from both instances, and stops now/);
  assert.ok(!existsSync(path.join(state.path, 'demo-portal')), 'the portal left its data');
  const suggested = Array.from(
    stdout.matchAll(/^ *(\.\/crashmon (?:show|crashes)[^\n]*?--state-dir \S+)/gm),
    (match) => match[1] ?? '',
  );
  assert.equal(suggested.length, 4);
  for (const command of suggested) {
    const pasted = await runProgram('sh', ['-c', command], options);
    assert.deepEqual({ code: pasted.code, stderr: pasted.stderr }, { code: 0, stderr: '' }, command);
    assert.match(
      pasted.stdout,
      command.includes('--private') ? /ada\.lovelace@example\.org/ : /counted \(5 in 24 h\)/,
    );
  }
  await staysUntilInterrupted(state.path);
  await assertNothingLeft(state.path);
});

/** With --wait a link signs in, the shop can be crashed further, and SIGINT ends everything. */
async function staysUntilInterrupted(stateDir: string): Promise<void> {
  await using demo = startCrashmon(['demo', '--wait', '--state-dir', stateDir], {
    stateDir,
    deadlineMs: DEADLINE_MS,
  });
  const [, link = ''] = await demo.waitForLine('stdout', /^ {2}(http:\S+\/link\/\S+)$/);
  const [, shop = ''] = await demo.waitForLine('stdout', /order a kettle at (http:\S+)$/);
  await demo.waitForLine('stdout', /^Press Ctrl-C/);
  const orders = demo.stdout.match(/^ {2}order \d.*captured$/gm);
  assert.equal(orders?.length, 1, 'a second demo there captures at once');

  const signedIn = await fetch(link, { method: 'POST', redirect: 'manual' });
  const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const page = await fetch(new URL('/apps/shop', link), { headers: { cookie } });
  assert.match(await page.text(), /Error in discountOf/);
  const live = await fetch(new URL('/live?app=shop', link), { headers: { cookie } });
  const again = await fetch(link, { method: 'POST', redirect: 'manual' });
  assert.equal(again.headers.getSetCookie().length, 0, 'the link worked twice');

  await assert.rejects(
    fetch(`${shop}/cart`, {
      method: 'POST',
      body: JSON.stringify({ email: 'ada@example.org', items: ['kettle'], coupon: 'OOPS' }),
    }),
  );
  const crashes = async () => {
    const answer = await fetch(new URL('/api/v1/apps/shop/crashes', link), { headers: { cookie } });
    return ((await answer.json()) as { items: unknown[] }).items.length;
  };
  for await (const _ of live.body ?? []) if ((await crashes()) >= 3) break;

  demo.kill('SIGINT');
  const { code, stderr } = await demo.exited;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.ok(!existsSync(path.join(stateDir, 'demo-portal')));
}

test('a demo that is ended early leaves nothing', async () => {
  await using state = await stateDirectory();
  await using demo = startCrashmon(['demo', '--state-dir', state.path], {
    stateDir: state.path,
    deadlineMs: DEADLINE_MS,
  });
  await demo.waitForLine('stdout', /order 2/);
  demo.kill('SIGTERM');
  const { code, stderr } = await demo.exited;
  assert.deepEqual({ code, stderr }, { code: 143, stderr: '' });
  await assertNothingLeft(state.path);
});

test('a demo that cannot succeed ends at once with one line', async () => {
  await using state = await stateDirectory();
  const file = path.join(CHECKOUT, 'package.json');
  const unusable = await crashmon(['demo', '--state-dir', path.join(file, 'x')], { stateDir: state.path });
  assert.equal(unusable.code, 1);
  assert.match(unusable.stderr, /^crashmon: .*a part of the path is not a directory.*\n$/);
  assert.doesNotMatch(unusable.stdout, /order 1/);

  const proc = await crashmon(['demo', '--state-dir', '/proc/sys'], { stateDir: state.path });
  assert.equal(proc.code, 1);
  assert.match(
    proc.stderr,
    /^crashmon: Cannot use \/proc\/sys\/demo-portal: .*give another --state-dir\.\n$/,
  );
  assert.doesNotMatch(proc.stdout, /order 1/);

  const off = await crashmon(['demo', '--state-dir', state.path], {
    stateDir: state.path,
    env: { CRASHMON_ENABLED: 'false' },
  });
  assert.equal(off.code, 1);
  assert.match(
    off.stderr,
    /^crashmon: The demo failed: monitoring is switched off \(CRASHMON_ENABLED=false\).*\n$/,
  );
  await assertNothingLeft(state.path);
});
