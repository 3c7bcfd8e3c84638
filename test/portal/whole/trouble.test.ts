import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashmon } from '../../support/crashmon.ts';
import { withStore } from '../../support/portal/start-portal.ts';
import { crash, stop, until, Whole } from './whole.ts';

const NO_DEBUGGER = ['--no-debugger'];

test('while the portal is away agents wait, then deliver', async () => {
  await using whole = await Whole.create();
  await (await whole.startPortal())[Symbol.asyncDispose]();
  await whole.putToken();
  const agent = whole.startAgent({ instance: 'web-1', options: NO_DEBUGGER });
  await agent.waitForLine('stdout', /ready/);
  for (let number = 0; number < 3; number++) await crash(agent);
  const status = await crashmon(['status'], { stateDir: whole.stateDir });
  assert.match(status.stdout.replaceAll(/\s+/g, ' '), /none delivered yet, \d+ records waiting/);
  await whole.startPortal();
  await whole.signIn();
  const crashes = await until('three crashes', async () => {
    const all = await whole.crashes();
    return all.length === 3 && all;
  });
  assert.deepEqual(crashes.map(({ uid }) => uid).toSorted(), whole.recorded());
  await stop(agent);
});

test('a revoked token is refused and says so; with a new one in its file nothing was lost', async () => {
  await using whole = await Whole.create();
  await whole.startPortal();
  const token = await whole.putToken();
  await whole.signIn();
  const agent = whole.startAgent({ instance: 'web-1', options: NO_DEBUGGER });
  await agent.waitForLine('stdout', /ready/);
  await crash(agent);
  await until('the first crash', async () => (await whole.crashes()).length === 1);
  await withStore(whole.place, (store) => store.revokeToken(token, Date.now()));
  await until('the portal refuses it', async () => {
    await crash(agent);
    const { stdout } = await crashmon(['status'], { stateDir: whole.stateDir });
    return /The receiver responded with 401: it rejected the token/.test(stdout.replaceAll(/\s+/g, ' '));
  });
  await crash(agent);
  const before = (await whole.crashes()).length;
  assert.ok(before < whole.recorded().length);
  await whole.putToken();
  await until('all crashes', async () => (await whole.crashes()).length === whole.recorded().length);
  await stop(agent);
});

test('doctor says whether the portal takes the token', async () => {
  await using whole = await Whole.create();
  await whole.startPortal();
  await whole.putToken();
  const check = async (env: Record<string, string>) => {
    const { stdout } = await crashmon(['doctor', '--json', '--portal', whole.url], {
      stateDir: whole.stateDir,
      env,
    });
    type Check = { check: string; result: string; message: string };
    return (JSON.parse(stdout).checks as Check[]).find((one) => one.check === 'uplink');
  };
  const wrong = await check({ CRASHMON_PORTAL_TOKEN: `cmt_${'x'.repeat(43)}` });
  assert.equal(wrong?.result, 'warning');
  assert.match(wrong?.message ?? '', /The receiver responded with 401: it rejected the token/);
  const { stdout } = await crashmon(
    ['doctor', '--json', '--portal', whole.url, '--portal-token-file', whole.tokenFile],
    { stateDir: whole.stateDir },
  );
  assert.match(stdout, / accepts crash records\./);
});
