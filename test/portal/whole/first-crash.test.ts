import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CrashDetail } from '../../../src/portal/store/read/crash-store.ts';
import { assertNothingLeft } from '../../support/leftovers.ts';
import { crash, stop, until, Whole } from './whole.ts';

/** Says `ready`, and raises an exception at the next line of its standard input. */
const CRASHES_ON_REQUEST = `import sys
def pay(card):
    raise LookupError(card)
print("ready", flush=True)
sys.stdin.readline()
pay("4111")
`;

test('the first crash of a Python worker is on the page with its stack, and so is every other', async () => {
  await using whole = await Whole.create();
  await using portal = await whole.startPortal();
  await whole.putToken();
  await whole.signIn();
  const agent = whole.startAgent({
    instance: 'web-1',
    command: ['/usr/bin/python3', '-c', CRASHES_ON_REQUEST],
  });
  await agent.waitForLine('stdout', /ready/);
  await crash(agent);
  const first = await until('the report is there', async () =>
    (await whole.crashes()).find(({ hasReport }) => hasReport),
  );
  const { report, reason, suspected, kind, captured } = await whole.api<CrashDetail & { reasonCode: string }>(
    `/crashes/${first.uid}`,
  );
  assert.deepEqual(
    [report?.source, report?.proof, report?.exceptionType, report?.frames[0]?.function],
    ['last-words', 'likely', 'LookupError', 'pay'],
  );
  assert.deepEqual([kind, suspected, captured], ['exception', false, false]);
  assert.equal(String(reason), "exit 1: likely uncaught exception (from Python's own report)");
  await crash(agent);
  const all = await until('both reports are there', async () => {
    const found = (await whole.crashes()).filter(({ hasReport }) => hasReport);
    return found.length === 2 && found;
  });
  assert.equal(new Set(all.map(({ signature }) => signature)).size, 1);
  const html = await whole.page('/apps/shop');
  assert.match(html, /LookupError/);
  assert.doesNotMatch(html, /4111/);
  await stop(agent);
  await stop(portal.program);
  await assertNothingLeft(whole.stateDir);
});
