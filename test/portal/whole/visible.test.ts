import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CrashDetail } from '../../../src/portal/store/read/crash-store.ts';
import { assertNothingLeft } from '../../support/leftovers.ts';
import { nativeCompiler } from '../../support/native/compile.ts';
import { crash, stop, until, Whole } from './whole.ts';

test('an exception on one instance and a null pointer on another: both are on the page with their stacks', async () => {
  await using compiler = await nativeCompiler();
  const program = await compiler.compile('waits-to-crash.c');
  await using whole = await Whole.create();
  await using portal = await whole.startPortal();
  await whole.putToken();
  await whole.signIn();
  const web1 = whole.startAgent({ instance: 'web-1', options: ['--arm-after', '1', '--no-debugger'] });
  const web2 = whole.startAgent({
    instance: 'web-2',
    options: ['--arm-after', '0', '--json'],
    command: [program, 'null'],
  });
  await web1.waitForLine('stdout', /ready/);
  for (let number = 0; number < 3; number++) await crash(web1);
  await web2.waitForLine('stderr', /"event":"debugger","state":"attached"/);
  web2.stdin.write('\n');

  const [exception, fault] = await until('two reports are there', async () => {
    const captured = (await whole.crashes()).filter(({ hasReport }) => hasReport);
    const found = ['web-1', 'web-2'].map((name) => captured.find(({ instance }) => instance === name));
    return found.every((one) => one !== undefined) && found;
  });
  const thrown = await whole.api<CrashDetail>(`/crashes/${exception?.uid}`);
  assert.equal(thrown.report?.exceptionType, 'TypeError');
  assert.equal(thrown.title, 'TypeError in [eval]');
  const faulted = await whole.api<CrashDetail>(`/crashes/${fault?.uid}`);
  assert.equal(faulted.report?.fault?.summary, 'null-access');
  assert.match(faulted.title, /^SIGSEGV null access in \w+ /);

  // The three of web-1 are of one cause or wait to be known; no more was asked for.
  const crashes = await until('all crashes', async () => {
    const all = await whole.crashes();
    return all.length >= whole.recorded().length && all;
  });
  assert.deepEqual(crashes.map(({ uid }) => uid).toSorted(), whole.recorded());
  const states = await until('states', async () => {
    const instances = await whole.instances();
    const named = new Map(instances.map((one) => [one.instance, one]));
    return named.get('web-1')?.state === 'cooling-down' && named.get('web-2') !== undefined && named;
  });
  assert.equal(states.get('web-1')?.settings?.armAfter, 1);
  // The heartbeat alone says so.
  assert.match(states.get('web-1')?.crashmonVersion ?? '', /^\d+\.\d+\.\d+$/);
  assert.ok((states.get('web-2')?.crashesTotal ?? 0) >= 1);

  const html = await whole.page('/apps/shop');
  assert.match(html, /TypeError in \[eval\]/);
  assert.match(html, /SIGSEGV null access in/);
  assert.doesNotMatch(html, /alice/);
  assert.match(await whole.page('/apps/shop/instances'), /web-2/);
  await stop(web1);
  await stop(web2);
  await until('both are stopped', async () => {
    const instances = await whole.instances();
    return instances.length === 2 && instances.every(({ state }) => state === 'stopped');
  });
  assert.match(await whole.page('/apps/shop/instances/web-1'), /Crashmon and its worker ended at <time /);
  assert.doesNotMatch(await whole.page('/apps/shop'), /crashmon arm/);
  await stop(portal.program);
  await assertNothingLeft(whole.stateDir);
});
