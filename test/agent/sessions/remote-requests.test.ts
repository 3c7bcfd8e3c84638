import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { systemClock } from '../../../src/agent/clock.ts';
import { Memory } from '../../../src/agent/memory.ts';
import { type RemoteParts, RemoteRequests } from '../../../src/agent/sessions/remote-requests.ts';
import { openJournal } from '../../../src/journal/open-journal.ts';
import { requestDirectory } from '../../../src/journal/requests.ts';
import { writeManualOverride } from '../../../src/journal/write-manual-override.ts';
import { type RemoteRequest, readRequests } from '../../../src/model/remote-request.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const KEY = `age1${'q'.repeat(58)}`;
const SESSION: RemoteRequest = {
  ...{ id: '0123456789ab', account: 'a-1', what: 'session', maxDumps: 2, forMs: 60_000 },
};
const ARM: RemoteRequest = { id: 'ba9876543210', account: 'a-1', what: 'arm' };

/** What an agent makes of requests, with a journal of its own. */
async function agent(changes: Partial<RemoteParts> = {}) {
  const directory = await temporaryDirectory('requests');
  const journal = openJournal(directory.path, { app: 'shop', instance: 'web-1' }, Date.now());
  const clock = systemClock();
  const events: string[] = [];
  const emit: RemoteParts['emit'] = (event) => {
    events.push(event.event === 'asked' ? `${event.what} ${event.why ?? 'done'}` : event.event);
  };
  const memory = new Memory({ get: () => journal }, clock(), emit);
  const parts = { control: { recipient: KEY }, isSecure: true, isDisabled: false, attachDebugger: true };
  const own = { directory: directory.path, memory, clock, emit };
  const requests = new RemoteRequests({ ...parts, ...own, ...changes });
  return {
    ...{ directory: directory.path, journal, memory, events, requests },
    async [Symbol.asyncDispose]() {
      journal.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

test('each request is carried out once, as the command line would do it', async () => {
  await using one = await agent();
  one.requests.carryOut([SESSION, ARM]);
  one.requests.carryOut([ARM, SESSION]);
  assert.deepEqual(one.events, ['session done', 'arm done']);
  const record = one.journal.session();
  assert.deepEqual(
    [record?.session.id, record?.session.account, record?.session.recipient, record?.session.maxDumps],
    [SESSION.id, 'a-1', KEY, 2],
  );
  assert.equal(one.journal.manualOverride(), 'armed');
  assert.deepEqual(readdirSync(requestDirectory(one.directory)), ['override']);
  assert.deepEqual(one.requests.answers(), [
    { id: ARM.id, why: null },
    { id: SESSION.id, why: null },
  ]);
  // What a capture has used up is not armed by a repetition.
  writeManualOverride(one.directory, null, Date.now());
  one.requests.carryOut([ARM]);
  assert.equal(one.journal.manualOverride(), null);
});

test('the instance has the last word', async () => {
  for (const [changes, ofSession, ofArm] of [
    [{ control: null }, 'off', 'off'],
    [{ isSecure: false }, 'not-secure', 'not-secure'],
    [{ isDisabled: true }, 'disarmed', 'disarmed'],
    [{ attachDebugger: false }, 'no-debugger', 'done'],
    [{ control: { recipient: null } }, 'no-key', 'done'],
  ] as const) {
    await using one = await agent(changes);
    one.requests.carryOut([SESSION, ARM]);
    assert.deepEqual(one.events, [`session ${ofSession}`, `arm ${ofArm}`]);
    assert.equal(one.journal.session(), null);
  }
  await using disarmed = await agent();
  writeManualOverride(disarmed.directory, 'disarmed', Date.now());
  disarmed.requests.carryOut([SESSION, ARM]);
  assert.deepEqual(disarmed.events, ['session disarmed', 'arm disarmed']);
  assert.equal(disarmed.journal.manualOverride(), 'disarmed');
  await using traced = await agent();
  traced.memory.setNoCapture({ why: 'exit-watched', runtime: 'native', code: null });
  traced.requests.carryOut([SESSION]);
  assert.deepEqual(traced.events, ['session no-debugger']);
  await using running = await agent();
  running.requests.carryOut([SESSION, { ...SESSION, id: '00000000000f' }]);
  assert.deepEqual(running.events, ['session done', 'session running']);
});

test('an answer of a portal is bounded, and no key or place can come with it', () => {
  assert.deepEqual(readRequests([SESSION, ARM]), [SESSION, ARM]);
  assert.deepEqual(readRequests([{ ...SESSION, recipient: 'age1other', store: '/tmp' }]), [SESSION]);
  assert.equal(readRequests(Array.from({ length: 50 }, () => ARM)).length, 10);
  for (const wrong of [
    ...[null, 7, 'arm', {}, { ...ARM, id: '../../etc' }, { ...ARM, account: 'a b' }, { ...ARM, what: 'run' }],
    ...[
      { ...SESSION, maxDumps: 101 },
      { ...SESSION, maxDumps: 0 },
      { ...SESSION, forMs: 31 * 86_400_000 },
    ],
  ])
    assert.deepEqual(readRequests([wrong]), [], JSON.stringify(wrong));
  for (const none of [undefined, null, {}, 'x']) assert.deepEqual(readRequests(none), []);
});
