import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NATIVE_SAMPLES } from '../../../test/support/cli/native-samples.ts';
import { runVerb, type VerbResult } from '../../../test/support/cli/run-verb.ts';
import { saveWithGroup, withJournal } from '../../../test/support/cli/sample-state.ts';
import { assertGolden } from '../../../test/support/golden.ts';
import { at, sampleExit, stateWith } from '../../../test/support/journal/sample-run.ts';
import { temporaryDirectory } from '../../../test/support/journal/temporary-directory.ts';
import { formatPrivateLog } from '../../analysis/private-log.ts';
import { writePrivateLog } from '../../journal/private-log.ts';
import type { CrashReport } from '../../model/crash-report.ts';
import type { ReasonCode } from '../../model/exit-reason.ts';
import { redact } from '../../privacy/redact.ts';
import type { CliContext } from '../context.ts';

/** Records the death with its report and its private log. */
const REASONS: Record<string, ReasonCode> = {
  SIGSEGV: 'invalid-memory-access',
  SIGABRT: 'abort',
  SIGSYS: 'forbidden-system-call',
};

function store(stateDir: string, sample: CrashReport, number = 6): void {
  withJournal(stateDir, 'shop', 'web-1', (journal, directory) => {
    const signal = sample.signal ?? 'SIGSEGV';
    const run = sampleExit(number, {
      id: sample.id,
      armed: true,
      status: { type: 'signal', signal },
      verdict: {
        ...{ counted: true, suspected: false, kind: sample.kind },
        reason: { code: REASONS[signal] ?? 'fatal-signal' },
      },
    });
    journal.recordExit(run, stateWith(1));
    saveWithGroup(journal, redact(sample), run.status);
    const text = formatPrivateLog(sample, null);
    writePrivateLog(directory, { id: sample.id, diedAtMs: at(401_000).wallMs, text, captured: true });
  });
}

function show(sample: CrashReport, args: readonly string[], more: Partial<CliContext> = {}): VerbResult {
  using stateDir = temporaryDirectory();
  store(stateDir.path, sample);
  return runVerb(stateDir.path, ['show', ...args], more);
}

/** A sample by its name, and where two goldens differ, how it is shown. */
const GOLDENS: readonly [golden: string, sample: string, args: string[], columns: number][] = [
  ...Object.keys(NATIVE_SAMPLES).map((name): [string, string, string[], number] => [name, name, [], 80]),
  ['cxx-inlined-120', 'cxx-inlined', [], 120],
  ['node-mixed-120', 'node-mixed', [], 120],
  ['node-mixed-all', 'node-mixed', ['--all'], 80],
  ['threads', 'cxx-inlined', ['--threads'], 80],
  ['threads-all-120', 'cxx-inlined', ['--threads', '--all'], 120],
  ['double-free-private', 'double-free', ['--private'], 80],
  ['cxx-exception-private', 'cxx-exception', ['--private'], 80],
  ['cxx-inlined-private', 'cxx-inlined', ['--private'], 80],
];

for (const [golden, name, args, columns] of GOLDENS) {
  test(`crashmon show ${args.join(' ')} of ${name} in ${columns} columns`, () => {
    const sample = NATIVE_SAMPLES[name] as CrashReport;
    const { stdout, stderr, error } = show(sample, args, { columns });
    assert.deepEqual([stderr, error], ['', null]);
    assertGolden(`cli/native/${golden}.txt`, stdout);
    if (args.includes('--private')) return;
    const tooLong = stdout.split('\n').filter((text) => [...text].length > columns && !text.includes('/'));
    assert.deepEqual(tooLong, [], 'fits but for paths');
  });
}

test('JSON holds the fault and the other threads, whatever is asked to be printed', () => {
  const sample = NATIVE_SAMPLES['cxx-inlined'] as CrashReport;
  const { stdout } = show(sample, ['--json']);
  assertGolden('cli/native/cxx-inlined.json', stdout);
  assert.equal(show(sample, ['--json', '--threads']).stdout, stdout);
});

test('crashmon crashes says what deaths by a signal were', () => {
  using stateDir = temporaryDirectory();
  for (const [index, sample] of Object.values(NATIVE_SAMPLES).entries()) {
    store(stateDir.path, { ...sample, id: `${index}f2a91c40007` }, index);
  }
  const { stdout } = runVerb(stateDir.path, ['crashes']);
  assertGolden('cli/native/crashes.txt', stdout);
  assert.deepEqual(
    stdout.split('\n').filter((text) => text.length > 80),
    [],
  );
});

test('a damaged report costs the list nothing but its words', () => {
  using stateDir = temporaryDirectory();
  store(stateDir.path, NATIVE_SAMPLES.stripped as CrashReport);
  withJournal(stateDir.path, 'shop', 'web-1', (journal) => {
    const damaged = { id: '4f2a91c40007', schemaVersion: 9 } as unknown as ReturnType<typeof redact>;
    journal.recordExit(sampleExit(7, { id: '4f2a91c40007', armed: true }), stateWith(1));
    journal.saveReport('4f2a91c40007', damaged);
  });
  const { stdout, error } = runVerb(stateDir.path, ['crashes']);
  assert.equal(error, null);
  assert.match(stdout, /4f2a91c4 .* code 1\n/);
  assert.equal(runVerb(stateDir.path, ['show', '4f2a']).error?.code, 'BAD_RECORD');
});

test('what belongs in the private log is nowhere else', () => {
  for (const [name, sample] of Object.entries(NATIVE_SAMPLES)) {
    for (const args of [[], ['--all', '--threads'], ['--json']]) {
      const { stdout } = show(sample, args);
      assert.doesNotMatch(stdout, /7ffd5a1b2c30|140726|tcache|alice|N3app/, `${name} ${args}`);
    }
  }
});
