import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dumpFactsOf } from '../model/dump.ts';
import { dumpToken, parseDumpToken, sessionToken } from '../model/public-session.ts';
import type { Session } from '../model/session.ts';
import { publicSessions } from './public-sessions.ts';
import { publishDump, publishSession } from './publish-session.ts';

const NOW = 1_800_000_000_000;
const SECRET = 'alice';

test('of a session and a dump only numbers and known words leave', () => {
  const facts = dumpFactsOf({
    ...{
      v: 1,
      kind: 'core',
      crash: '3f2a91c4b7d0',
      ofRun: null,
      app: SECRET,
      instance: SECRET,
      session: SECRET,
    },
    ...{
      exceptionType: SECRET,
      executable: `/srv/${SECRET}`,
      encryption: 'age',
      whole: 'whole',
      portal: false,
      remote: { endpoint: 'https://s3.example', bucket: 'private', prefix: '', credentials: '/etc/private' },
    },
    modules: [{ path: `/srv/${SECRET}.so`, buildId: 'ab' }],
    ...{ status: { type: 'signal', signal: 'SIGSEGV' }, sizeBytes: 7, coreBytes: 9 },
    ...{ diedAtMs: NOW, keptAtMs: NOW + 1, expiresAtMs: NOW + 2 },
    setAt: { wallMs: NOW, monotonicMs: 0, bootId: SECRET },
  });
  const dump = publishDump(facts);
  assert.equal(dumpToken(dump), `01a3185c50003f2a91c4b7d0 ${NOW + 1} ${NOW + 2} 7 full age signal:SIGSEGV`);
  const heap = { ...dump, kind: 'heap-snapshot' as const, full: false };
  assert.deepEqual(parseDumpToken(dumpToken(heap)), heap);
  assert.equal(parseDumpToken(dumpToken(dump).replace('full', 'core')), null);
  const session: Session = {
    ...{ id: '0123456789ab', startedBy: SECRET, store: `/srv/${SECRET}`, recipient: `age1${SECRET}` },
    ...{ startedAt: { wallMs: NOW, monotonicMs: 0, bootId: SECRET }, endsAtMs: NOW + 5, maxDumps: 3 },
    ...{ keepMs: 1, maxDiskBytes: 1, process: SECRET, stoppedAtMs: null },
  };
  const published = publishSession({ session, progress: null }, { state: 'running', endsAtMs: NOW + 5 });
  assert.equal(sessionToken(published), `0123456789ab ${NOW} ${NOW + 5} running 0/3 -`);
  assert.ok(!JSON.stringify([dump, published]).includes(SECRET));
  assert.deepEqual(publicSessions({ session: published, dumps: [dump] }), {
    session: published,
    dumps: [dump],
  });
  // Whatever an outbox holds: what is not well-formed does not pass.
  const odd = { ...dump, crashUid: `/srv/${SECRET}` };
  assert.deepEqual(publicSessions({ session: { ...published, account: `${SECRET} b` }, dumps: [odd] }), {
    dumps: [],
  });
});
