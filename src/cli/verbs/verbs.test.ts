import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runVerb } from '../../../test/support/cli/run-verb.ts';
import {
  CAPTURED_ID,
  crashReport,
  frame,
  sampleState,
  saveWithGroup,
  withJournal,
} from '../../../test/support/cli/sample-state.ts';
import { assertGolden } from '../../../test/support/golden.ts';
import { sampleExit, stateWith } from '../../../test/support/journal/sample-run.ts';
import { temporaryDirectory } from '../../../test/support/journal/temporary-directory.ts';
import { writePrivateLog } from '../../journal/private-log.ts';

const GOLDENS: Record<string, string[]> = {
  'status.txt': ['status'],
  'status.json': ['status', '--json'],
  'crashes.txt': ['crashes'],
  'crashes.json': ['crashes', '--json'],
  'crashes-of-shop.txt': ['crashes', 'shop', '--limit', '2'],
  'show.txt': ['show'],
  'show-all.txt': ['show', '3f2a91c40007', '--all'],
  'show-signature.txt': ['show', '--signature'],
  'show-signature.json': ['show', '--signature', '--json'],
  'show.json': ['show', '--json'],
  'show-private.txt': ['show', '--private'],
  'show-private.json': ['show', '--private', '--json'],
  'logs.txt': ['logs'],
  'logs.json': ['logs', 'shop', '--json'],
  'logs-one.txt': ['logs', '3f2a'],
  'logs-path.txt': ['logs', '--path'],
};

for (const [golden, args] of Object.entries(GOLDENS)) {
  test(`crashmon ${args.join(' ')}`, () => {
    using stateDir = temporaryDirectory();
    sampleState(stateDir.path);
    const { stdout, stderr, error } = runVerb(stateDir.path, args);
    assert.equal(error, null);
    assert.equal(stderr, '');
    assertGolden(`cli/${golden}`, stdout);
    if (golden.endsWith('.txt') && !args.includes('--path')) {
      const tooLong = stdout.split('\n').filter((text) => text.length > 80 && !text.includes('/'));
      assert.deepEqual(tooLong, [], 'fits 80 columns but for paths');
    }
  });
}

const CODE_1 = { type: 'code', code: 1 } as const;

test('colors follow NO_COLOR, FORCE_COLOR and the terminal', () => {
  using stateDir = temporaryDirectory();
  sampleState(stateDir.path);
  const colored = (more: object) => runVerb(stateDir.path, ['show'], more).stdout.includes('\u001b[');
  assert.equal(colored({ isTTY: true }), true);
  assert.equal(colored({ isTTY: true, env: { NO_COLOR: '1' } }), false);
  assert.equal(colored({ env: { FORCE_COLOR: '1' } }), true);
  assert.equal(colored({ isTTY: true, env: { TERM: 'dumb' } }), false);
  assertGolden('cli/show-colored.txt', runVerb(stateDir.path, ['show'], { isTTY: true }).stdout);
});

test('show names the group that was sent with the report, and says where that is not known', () => {
  using stateDir = temporaryDirectory();
  sampleState(stateDir.path);
  const group = { signatures: ['v1:0000000000000001', 'v1:0000000000000002'], title: 'TypeError in pay' };
  withJournal(stateDir.path, 'shop', 'web-1', (journal) => {
    journal.saveReport(CAPTURED_ID, crashReport(CAPTURED_ID), { group });
  });
  const { signature } = JSON.parse(runVerb(stateDir.path, ['show', '--json']).stdout);
  assert.deepEqual(signature, { values: group.signatures, title: group.title });
  const text = runVerb(stateDir.path, ['show']).stdout;
  assert.match(text, /Group: TypeError in pay\n {2}v1:0000000000000001, v1:0000000000000002;/);
  const doubt = /Reported by an earlier version: a portal can have it in another group/;
  const wrapped = () => runVerb(stateDir.path, ['show']).stdout.replaceAll(/\s+/g, ' ');
  assert.doesNotMatch(wrapped(), doubt);
  withJournal(stateDir.path, 'shop', 'web-1', (journal) => {
    journal.saveReport(CAPTURED_ID, crashReport(CAPTURED_ID));
  });
  assert.match(wrapped(), doubt);
});

test('without a monitored app every verb shows the next step', () => {
  using stateDir = temporaryDirectory();
  for (const verb of ['status', 'crashes', 'logs']) {
    const { stdout, error } = runVerb(stateDir.path, [verb]);
    assert.match(stdout, /No app is monitored yet .*\n.*crashmon run -- node server\.js/);
    assert.equal(error, null);
  }
  assert.equal(runVerb(stateDir.path, ['crashes', '--json']).stdout, '[]\n');
  assert.deepEqual(JSON.parse(runVerb(stateDir.path, ['status', '--json']).stdout), { apps: [] });
  const { error } = runVerb(stateDir.path, ['show']);
  assert.deepEqual([error?.code, error?.message.includes('crashmon run')], ['NO_REPORT', true]);
});

test('an unknown app or instance is answered with those there are', () => {
  using stateDir = temporaryDirectory();
  sampleState(stateDir.path);
  for (const args of [
    ['status', 'x'],
    ['crashes', 'x'],
    ['logs', 'x'],
    ['arm', 'x'],
    ['show', '--app', 'x'],
  ]) {
    const { error } = runVerb(stateDir.path, args);
    assert.equal(error?.code, 'NO_SUCH_APP');
    assert.match(error?.message ?? '', /api, shop/);
  }
  const { error } = runVerb(stateDir.path, ['status', 'shop', '--instance', 'x']);
  assert.match(error?.message ?? '', /No instance named x; instances: web-1\./);
});

test('ids are checked: shape, none, several', () => {
  using stateDir = temporaryDirectory();
  sampleState(stateDir.path);
  const codes = ['3f', 'nonsense', 'abcd', '3f2a91'].map(
    (id) => runVerb(stateDir.path, ['show', id]).error?.code,
  );
  assert.deepEqual(codes, ['BAD_OPTION', 'BAD_OPTION', 'NO_SUCH_CRASH', 'NO_SUCH_CRASH']);
  assert.equal(runVerb(stateDir.path, ['show', CAPTURED_ID.toUpperCase()]).error, null);
});

test('an exit without a report says why and what would get one', () => {
  using stateDir = temporaryDirectory();
  sampleState(stateDir.path);
  const message = (id: string) => runVerb(stateDir.path, ['show', id]).error?.message;
  assert.equal(
    message('beef00000001'),
    'No call stack for beef0000. Crashmon has none from standard error, and the worker was not armed: this was crash 1 in 24 h. ' +
      'After 3 more crashes of api within 24 h, Crashmon is armed to capture the next one. ' +
      'To arm api now: crashmon arm api',
  );
  withJournal(stateDir.path, 'api', 'web-2', (journal, directory) => {
    writePrivateLog(directory, { id: 'beef00000001', diedAtMs: 0, text: 'text', captured: false });
    journal.recordExit(sampleExit(9, { id: 'feed10000001', armed: true, captured: true }), stateWith(1));
    journal.recordExit(sampleExit(9, { id: 'feed20000001', armed: true }), stateWith(1));
  });
  assert.match(message('beef00000001') ?? '', /crashmon logs beef0000 prints its last output\./);
  assert.match(message('feed1') ?? '', /report is not available yet/);
  assert.match(message('feed2') ?? '', /The worker was armed, but nothing was captured/);
  assert.match(message('3f2a91c50004') ?? '', /It was not a crash\. Capture of shop is paused until/);
  withJournal(stateDir.path, 'job', 'web-1', (journal) => {
    journal.recordExit(sampleExit(1, { id: 'feed00000001', armed: true }), stateWith(4));
    journal.markAnalysisFailed('feed00000001', 'analysis-timed-out');
  });
  assert.equal(
    message('feed0'),
    'No call stack for feed0000. The capture failed: The analysis failed twice or took too long. ' +
      'job is armed: once crashmon runs again, the next crash will be captured.',
  );
});

test('a journal that cannot be read costs a line and not the others', () => {
  using stateDir = temporaryDirectory();
  const { shop } = sampleState(stateDir.path);
  writeFileSync(join(shop, 'journal.db'), 'no database\n'.repeat(1000));
  const { stdout, stderr } = runVerb(stateDir.path, ['status', '--json']);
  assert.deepEqual(
    JSON.parse(stdout).apps.map(({ app }: { app: string }) => app),
    ['api'],
  );
  assert.match(stderr, /^crashmon: shop on web-1: The journal .* is damaged: .*\n$/);
  assert.equal(runVerb(stateDir.path, ['status', 'shop']).error?.code, 'JOURNAL_DAMAGED');
});

test('hostile text is only shown', () => {
  using stateDir = temporaryDirectory();
  const evil = 'x\u001b]0;title\u0007\u009b2J\u202e\nFAKE';
  withJournal(stateDir.path, evil, 'web-1', (journal) => {
    const run = sampleExit(1, { id: 'feed00000001', armed: true });
    run.verdict = { ...run.verdict, reason: evil as never };
    journal.recordExit(run, stateWith(1));
    const frames = crashReport('feed00000001').frames.map((frame) => ({
      ...frame,
      function: evil,
      file: evil,
    }));
    const report = crashReport('feed00000001', { app: evil, exceptionType: evil, frames, problems: [evil] });
    journal.saveReport('feed00000001', report);
  });
  for (const args of [['status'], ['crashes'], ['show'], ['logs'], ['arm', evil], ['disarm', 'unknown']]) {
    for (const json of [[], ['--json']]) {
      const { stdout, stderr, error } = runVerb(stateDir.path, [...args, ...json]);
      const text = `${stdout}${stderr}${error?.message ?? ''}`;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]|^FAKE/m, args.join(' '));
    }
  }
});

test('what runtimes printed says how sure it is, and names are theirs', () => {
  using stateDir = temporaryDirectory();
  const deaths = [
    [
      'fa0000000001',
      'likely',
      { name: 'ruby', version: '3.1.2' },
      'Shop::CartError',
      'block in Shop::Cart#total',
    ],
    ['fb0000000002', 'proven', { name: 'php', version: null }, 'Shop\\CartError', 'Shop\\Cart->total'],
    ['fc0000000003', 'printed', { name: 'python', version: '3.11.2' }, 'shop.CartError', 'total'],
  ] as const;
  withJournal(stateDir.path, 'shop', 'web-1', (journal) => {
    for (const [index, [id, proof, runtime, exceptionType, name]] of deaths.entries()) {
      const isPrinted = proof === 'printed';
      const reason = isPrinted
        ? { code: 'unknown' as const }
        : { code: `${proof === 'proven' ? 'reported' : 'likely'}-exception` as const, runtime: runtime.name };
      const verdict = {
        counted: true,
        suspected: isPrinted,
        kind: isPrinted ? 'exit' : 'exception',
        reason,
      } as const;
      journal.recordExit(sampleExit(index + 1, { id, verdict, captured: false }), stateWith(index + 1));
      const place = { column: null, trust: 'vouched-text' } as const;
      const more = {
        ...{
          kind: verdict.kind,
          runtime,
          exceptionType,
          code: null,
          source: 'last-words',
          proof,
          causes: [],
        },
        frames: [
          frame(name, 'app/cart.rb', 12, null, { ...place, repeat: 900 }),
          frame('run', 'lib/web', null, null, { ...place, module: 'web', inApp: false, trust: 'printed' }),
        ],
        problems: [{ code: 'printed-calls-unchecked', count: 1 }],
      };
      saveWithGroup(journal, crashReport(id, more), CODE_1);
    }
  });
  assertGolden('cli/crashes-last-words.txt', runVerb(stateDir.path, ['crashes']).stdout);
  for (const [id, proof] of deaths) {
    assertGolden(`cli/show-${proof}.txt`, runVerb(stateDir.path, ['show', id]).stdout);
  }
});

test('out of memory and an exit without frames are described', () => {
  using stateDir = temporaryDirectory();
  const heap = { usedBytes: 60 * 1024 * 1024, committedBytes: null, limitBytes: 64 * 1024 * 1024 };
  withJournal(stateDir.path, 'job', 'web-1', (journal) => {
    journal.recordExit(sampleExit(1, { id: 'feed00000001', armed: true }), stateWith(1));
    const more = {
      app: 'job',
      kind: 'out-of-memory',
      exceptionType: null,
      code: null,
      frames: [],
      causes: [],
      heap,
    };
    saveWithGroup(journal, crashReport('feed00000001', more), CODE_1);
  });
  assertGolden('cli/show-out-of-memory.txt', runVerb(stateDir.path, ['show']).stdout);
});
