import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { writePreviousJournal } from '../../test/support/journal/previous-journal.ts';
import { NOON_MS, sampleExit, sampleReport, stateWith } from '../../test/support/journal/sample-run.ts';
import { temporaryDirectory } from '../../test/support/journal/temporary-directory.ts';
import { captureUid, crashUid } from '../privacy/publish-crash.ts';
import { joinJournal } from './join-journal.ts';
import type { Journal } from './journal.ts';
import { migrate } from './migrations.ts';
import { type DeliveryRow, type News, type NewsStep, putNews, readUnread } from './notification-rows.ts';
import { openJournal } from './open-journal.ts';
import { openJournalReadOnly } from './open-journal-read-only.ts';

const IDENTITY = { app: 'shop', instance: 'web-1' };
const GROUP = { signatures: ['v1:a'], title: 'a' };

function crash(number: number): { news: News } {
  return { news: { uid: crashUid(sampleExit(number)), version: '1.0' } };
}

/** One notification for one recipient, and an open episode for each id. */
function step(id: string, episodes: readonly string[] = []): NewsStep {
  const deliveries = [{ recipient: 'mail:ops@example.com', document: '{"state":"pending"}' }];
  return {
    episodes: episodes.map((episode) => ({ id: episode, document: `"${episode}"` })),
    notifications: [{ id, document: '"a notification"', deliveries }],
  };
}

const uids = (journal: Journal) => journal.unreadNews().news.map(({ uid }) => uid);
const first = (rows: readonly DeliveryRow[]) => ({ ...(rows[0] as DeliveryRow), owner: 'me' });

describe('news', () => {
  test('of an exit and of its report are stored with them, once', () => {
    using directory = temporaryDirectory();
    using journal = openJournal(directory.path, IDENTITY, NOON_MS);
    const exit = sampleExit(1, { captured: true });
    const report = sampleReport(exit.id);
    const news = { uid: captureUid(exit), version: '1.0' };
    journal.recordExit(exit, stateWith(1), crash(1));
    journal.recordExit(exit, stateWith(1), crash(1));
    journal.saveReport(exit.id, report, { group: GROUP, news });
    const [first, second] = journal.unreadNews().news;
    assert.deepEqual(
      [first?.uid, first?.version, first?.exit, first?.report],
      [crashUid(exit), '1.0', exit, null],
    );
    assert.deepEqual(second?.exit?.id, exit.id);
    assert.deepEqual(second?.report, { json: JSON.stringify(report), ...GROUP });
    assert.equal(journal.outboxTotals().records, 0);
    assert.equal(journal.saveReport('0000000000ff', sampleReport('0000000000ff'), crash(2)), false);
    assert.deepEqual(uids(journal), [crashUid(exit), captureUid(exit)]);
  });

  test('are read by one of two processes', () => {
    using directory = temporaryDirectory();
    using journal = openJournal(directory.path, IDENTITY, NOON_MS);
    using other = joinJournal(directory.path);
    journal.recordExit(sampleExit(1), stateWith(1), crash(1));
    const [mine, theirs] = [journal.unreadNews(), other.unreadNews()];
    assert.equal(journal.saveNewsStep(mine, step('n1', ['e1'])), true);
    assert.equal(other.saveNewsStep(theirs, step('n2', ['e2'])), false);
    assert.deepEqual(other.unreadNews(), { news: [], episodes: ['"e1"'] });
    assert.deepEqual(other.pendingNotifications(), { news: 0, episodes: 1, deliveries: 1 });
    // Time has passed for an episode, and one of two has seen it.
    const [again, late] = [journal.unreadNews(), other.unreadNews()];
    assert.equal(journal.saveNewsStep(again, { episodes: [], notifications: [] }), true);
    assert.equal(other.saveNewsStep(late, step('n3')), false);
    assert.equal(journal.notification('n3'), null);
  });

  test('that come meanwhile are left for the next time', () => {
    using directory = temporaryDirectory();
    using journal = openJournal(directory.path, IDENTITY, NOON_MS);
    journal.recordExit(sampleExit(1), stateWith(1), crash(1));
    const unread = journal.unreadNews();
    journal.recordExit(sampleExit(2), stateWith(2), crash(2));
    assert.equal(journal.saveNewsStep(unread, { episodes: [], notifications: [] }), true);
    assert.equal(journal.unreadNews().news.length, 1);
  });

  test('are bounded: the newest stay', () => {
    const database = new DatabaseSync(':memory:');
    migrate(database, ':memory:');
    for (let number = 1; number <= 5_003; number++) putNews(database, crash(number).news);
    const { news } = readUnread(database);
    assert.deepEqual([news.length, news[0]?.seq], [500, 4]);
    database.close();
  });
});

describe('a delivery', () => {
  test('is claimed and settled, and the last hundred that are over are kept', () => {
    using directory = temporaryDirectory();
    using journal = openJournal(directory.path, IDENTITY, NOON_MS);
    for (let number = 1; number <= 110; number++) {
      journal.saveNewsStep(journal.unreadNews(), step(`n${number}`));
      const claimed = journal.claimDelivery(first);
      assert.deepEqual([claimed?.notificationId, claimed?.owner], [`n${number}`, 'me']);
      journal.settleDelivery(claimed?.seq ?? 0, () => ({ document: '{}', owner: null, ended: true }));
      assert.equal(
        journal.claimDelivery((open) => open[0] ?? null),
        null,
      );
    }
    assert.equal(journal.deliveries().length, 100);
    assert.deepEqual([journal.notification('n10'), journal.notification('n110')], [null, '"a notification"']);
  });

  test('of the same notification to the same recipient is one, also if it is decided again', () => {
    using directory = temporaryDirectory();
    using journal = openJournal(directory.path, IDENTITY, NOON_MS);
    for (let time = 0; time < 2; time++) journal.saveNewsStep(journal.unreadNews(), step('n1'));
    assert.equal(journal.deliveries().length, 1);
  });
});

test('without recipients, everything that waits is discarded', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  journal.saveNotify({ receivers: ['ops@example.com'], appVersion: null });
  journal.recordExit(sampleExit(1), stateWith(1), crash(1));
  journal.saveNewsStep(journal.unreadNews(), step('n1', ['e1']));
  journal.saveNotify(null);
  assert.deepEqual([journal.notify(), journal.notifyState()], [null, null]);
  assert.deepEqual(journal.pendingNotifications(), { news: 0, episodes: 0, deliveries: 0 });
});

test('an open episode of the previous schema goes on', () => {
  using directory = temporaryDirectory();
  const episode = { id: 'e1', openedAtMs: 5, lastCrashAtMs: 9, crashes: 2, told: { atMs: 5 }, tellByMs: 7 };
  const facts = { kind: 'exit', version: '1.0', crashId: '00000000000a', capturedId: null, status: {} };
  const old = { episode, looks: ['code 1'], toldStack: true, awaited: ['u'], title: 'a', ...facts };
  writePreviousJournal(directory.path, `INSERT INTO episodes VALUES ('e1', '${JSON.stringify(old)}')`);
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  const [text = ''] = journal.unreadNews().episodes;
  assert.deepEqual(JSON.parse(text), {
    episode: {
      ...{ id: 'e1', openedAtMs: 5, lastCrashAtMs: 9, crashes: 2 },
      ...{ notified: { atMs: 5 }, notifyByMs: 7, stackSent: true, awaited: [] },
    },
    ...{ kind: 'exit', version: '1.0', crashUid: '00000000000a', reportUid: null },
    ...{ firstAtMs: 5, lastAtMs: 9, isLate: false, wakeMs: null, groups: ['code 1'] },
  });
});

test('a journal that an older crashmon made learns of it, and can be read before', () => {
  using directory = temporaryDirectory();
  writePreviousJournal(
    directory.path,
    'DROP TABLE deliveries; DROP TABLE notices; DROP TABLE episodes; DROP TABLE news; PRAGMA user_version = 2',
  );
  {
    using reader = openJournalReadOnly(directory.path);
    assert.deepEqual([reader?.notify(), reader?.deliveries()], [null, []]);
    assert.deepEqual(reader?.pendingNotifications(), { news: 0, episodes: 0, deliveries: 0 });
  }
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  journal.recordExit(sampleExit(3), stateWith(1), crash(3));
  assert.equal(journal.pendingNotifications().news, 1);
});

test('news of the previous version are read, also from an agent of it that still runs', () => {
  using directory = temporaryDirectory();
  writePreviousJournal(directory.path);
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  using old = new DatabaseSync(`${directory.path}/journal.db`);
  old.exec(`INSERT INTO news (uid, version, record) VALUES ('${'f'.repeat(24)}', '1.2.4', '{}')`);
  const { news } = journal.unreadNews();
  assert.deepEqual(
    news.map(({ exit, report, version }) => [exit?.id, report?.title.split(' in ')[1], version]),
    [
      ['000000000001', undefined, '1.2.3'],
      ['000000000002', undefined, '1.2.3'],
      ['000000000002', 'priceOf (src/cart/price-of.ts)', '1.2.3'],
      [undefined, undefined, '1.2.4'],
    ],
  );
  assert.ok((news[2]?.report?.signatures.length ?? 0) > 0);
  assert.equal(journal.saveNewsStep(journal.unreadNews(), step('n1')), true);
  assert.equal(journal.pendingNotifications().news, 0);
});
