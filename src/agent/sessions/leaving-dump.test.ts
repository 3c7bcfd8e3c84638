import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../test/support/journal/temporary-directory.ts';
import { openJournal } from '../../journal/open-journal.ts';
import { writeSession } from '../../journal/write-session.ts';
import type { Session } from '../../model/session.ts';
import { leavingDump } from './leaving-dump.ts';

const CRASH = '00000000000a';
const SNAPSHOT = '00000000000b';
const SESSION: Session = {
  ...{ id: '0123456789ab', startedAt: { wallMs: 1, monotonicMs: 1, bootId: 'a' }, startedBy: 'ann' },
  ...{ endsAtMs: 10_000, maxDumps: 3, store: '/srv/dumps', recipient: 'age1x', keepMs: 1000 },
  ...{ maxDiskBytes: 1e9, stoppedAtMs: null },
};
const remote = { endpoint: 'https://s3.example.com', bucket: 'dumps', prefix: '', credentials: '/etc/s3' };

test('a crash has a receipt of each dump that is kept for a bucket, whatever becomes of the dump', () => {
  using state = temporaryDirectory();
  using journal = openJournal(state.path, { app: 'shop', instance: 'web-1' }, 1);
  const keep = (session: Session, crash: string, kind: 'core' | 'heap-snapshot') =>
    journal.keepDump(
      crash,
      () => true,
      () => {},
      leavingDump(session, { crash, kind, run: CRASH }),
    );
  writeSession(state.path, SESSION);
  assert.equal(keep(SESSION, CRASH, 'core'), true);
  assert.deepEqual(journal.receipts(CRASH, 5), [], 'it stays on the machine');
  const sent = { ...SESSION, remote };
  writeSession(state.path, sent);
  keep(sent, CRASH, 'core');
  keep({ ...sent, remote: { ...remote, prefix: 'shop/a' } }, SNAPSHOT, 'heap-snapshot');
  assert.deepEqual(
    journal.receipts(CRASH, 5).map(({ what, destination, outcome }) => [what, destination, outcome]),
    [
      ['dump', `https://s3.example.com/dumps/${CRASH}.core.zst.age`, null],
      ['dump', `https://s3.example.com/dumps/shop/a/${SNAPSHOT}.heapsnapshot.zst.age`, null],
    ],
  );
  const refused = () =>
    journal.keepDump(
      CRASH,
      () => false,
      assert.fail,
      leavingDump(sent, { crash: CRASH, kind: 'core', run: CRASH }),
    );
  assert.equal(refused(), false);
  assert.equal(journal.receipts(CRASH, 5)[0]?.times, 1);
});
