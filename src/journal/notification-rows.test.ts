import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { NOON_MS, sampleExit, sampleReport, stateWith } from '../../test/support/journal/sample-run.ts';
import { temporaryDirectory } from '../../test/support/journal/temporary-directory.ts';
import type { Outgoing } from '../model/public-record.ts';
import { publishCapture, publishCrash } from '../privacy/publish-crash.ts';
import { joinJournal } from './join-journal.ts';
import type { Journal } from './journal.ts';
import { migrate } from './migrations.ts';
import { type DeliveryRow, type NewsStep, putNews, readUnread } from './notification-rows.ts';
import { openJournal } from './open-journal.ts';
import { openJournalReadOnly } from './open-journal-read-only.ts';

const IDENTITY = { app: 'shop', instance: 'web-1' };
const SETTINGS = { armAfter: 3, windowMs: 1, cooldownMs: 1 };
const NOTHING: Outgoing = { version: null, records: [] };
const group = () => ({ signatures: [], title: 'a' });

function crash(number: number, captured = false): Outgoing {
  const record = publishCrash(
    sampleExit(number, { captured }),
    1,
    { settings: SETTINGS, state: 'watching' },
    group,
  );
  return { version: '1.0', records: record === null ? [] : [record] };
}

/** What tells one notification to one recipient, and leaves one episode open. */
function step(id: string, episodes: readonly string[] = []): NewsStep {
  const deliveries = [{ recipient: 'mail:ops@example.com', document: '{"state":"pending"}' }];
  return {
    episodes: episodes.map((episode) => ({ id: episode, document: `"${episode}"` })),
    notifications: [{ id, document: '"a notification"', deliveries }],
  };
}

const types = (journal: Journal) => journal.unreadNews().news.map(({ record }) => JSON.parse(record).type);
const first = (rows: readonly DeliveryRow[]) => ({ ...(rows[0] as DeliveryRow), owner: 'me' });

describe('news', () => {
  test('of an exit and of its report are stored with them, once', () => {
    using directory = temporaryDirectory();
    using journal = openJournal(directory.path, IDENTITY, NOON_MS);
    const exit = sampleExit(1, { captured: true });
    const capture: Outgoing = {
      version: '1.0',
      records: [publishCapture(exit, sampleReport(exit.id), group)],
    };
    journal.recordExit(exit, stateWith(1), NOTHING, crash(1, true));
    journal.recordExit(exit, stateWith(1), NOTHING, crash(1, true));
    journal.saveReport(exit.id, sampleReport(exit.id), NOTHING, capture);
    assert.deepEqual(types(journal), ['crash', 'capture']);
    assert.equal(journal.outboxTotals().records, 0);
    assert.equal(journal.saveReport('0000000000ff', sampleReport('0000000000ff'), NOTHING, crash(2)), false);
    assert.deepEqual(types(journal), ['crash', 'capture']);
  });

  test('are looked at by one of two', () => {
    using directory = temporaryDirectory();
    using journal = openJournal(directory.path, IDENTITY, NOON_MS);
    using other = joinJournal(directory.path);
    journal.recordExit(sampleExit(1), stateWith(1), NOTHING, crash(1));
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

  test('that come meanwhile are left for the next look', () => {
    using directory = temporaryDirectory();
    using journal = openJournal(directory.path, IDENTITY, NOON_MS);
    journal.recordExit(sampleExit(1), stateWith(1), NOTHING, crash(1));
    const unread = journal.unreadNews();
    journal.recordExit(sampleExit(2), stateWith(2), NOTHING, crash(2));
    assert.equal(journal.saveNewsStep(unread, { episodes: [], notifications: [] }), true);
    assert.equal(journal.unreadNews().news.length, 1);
  });

  test('are bounded: the newest stay', () => {
    const database = new DatabaseSync(':memory:');
    migrate(database, ':memory:');
    for (let number = 1; number <= 5_003; number++) putNews(database, crash(number));
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

  test('of the same notification to the same recipient is one, whoever decides it again', () => {
    using directory = temporaryDirectory();
    using journal = openJournal(directory.path, IDENTITY, NOON_MS);
    for (let time = 0; time < 2; time++) journal.saveNewsStep(journal.unreadNews(), step('n1'));
    assert.equal(journal.deliveries().length, 1);
  });
});

test('who is told no more is forgotten, with all that waits', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  journal.saveNotify({ receivers: ['ops@example.com'], appVersion: null });
  journal.recordExit(sampleExit(1), stateWith(1), NOTHING, crash(1));
  journal.saveNewsStep(journal.unreadNews(), step('n1', ['e1']));
  journal.saveNotify(null);
  assert.deepEqual([journal.notify(), journal.notifyState()], [null, null]);
  assert.deepEqual(journal.pendingNotifications(), { news: 0, episodes: 0, deliveries: 0 });
});

test('a journal that an older crashmon made learns of it, and can be read before', () => {
  using directory = temporaryDirectory();
  openJournal(directory.path, IDENTITY, NOON_MS).close();
  {
    using database = new DatabaseSync(`${directory.path}/journal.db`);
    database.exec(
      'DROP TABLE deliveries; DROP TABLE notices; DROP TABLE episodes; DROP TABLE news; PRAGMA user_version = 2',
    );
  }
  {
    using reader = openJournalReadOnly(directory.path);
    assert.deepEqual([reader?.notify(), reader?.deliveries()], [null, []]);
    assert.deepEqual(reader?.pendingNotifications(), { news: 0, episodes: 0, deliveries: 0 });
  }
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  journal.recordExit(sampleExit(1), stateWith(1), NOTHING, crash(1));
  assert.equal(journal.pendingNotifications().news, 1);
});
