// Usage: node scripts/run-tests.ts [--unit | FILE…]
// Without arguments: all tests with one summary. The unit tests run with coverage, which does not reach into processes.
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { run } from 'node:test';
import { spec, type TestEvent } from 'node:test/reporters';
import { cachesLeft } from '../test/support/caches-left.ts';
import { bundleCrashmon, RUN_FOLDER } from './bundle-crashmon.ts';
import { groupTests } from './group-tests.ts';
import { hurryAnalyses } from './hurry-analyses.ts';
import { OTHER_TESTS, ROOT } from './test-files.ts';

/** For a file or a test that hangs; a test that can wait has a shorter limit of its own. */
const TIMEOUT_MS = 1_200_000 * Number(process.env.CRASHMON_CHAOS ?? 1);
const PREPARE = ['compile-cache.mjs', 'prepare-test-file.ts'].map((name) => `./test/support/${name}`);

type Batch = { files: readonly string[]; coverage: boolean };

function batchesOf(args: readonly string[]): Batch[] {
  if (args.length > 0 && args[0] !== '--unit') return [{ files: args, coverage: false }];
  const unit = { files: ['scripts/unit-tests.ts'], coverage: true };
  if (args[0] === '--unit') return [unit];
  return [{ files: groupTests(OTHER_TESTS, path.join(RUN_FOLDER, 'groups')), coverage: false }, unit];
}

function start({ files, coverage }: Batch, bundle: string | null) {
  // The code cache makes coverage less precise.
  const imports = coverage ? PREPARE.slice(1) : PREPARE;
  return run({
    ...{ cwd: ROOT, files: [...files], timeout: TIMEOUT_MS, coverage },
    concurrency: 2 * availableParallelism(),
    coverageIncludeGlobs: 'src/**',
    coverageExcludeGlobs: ['**/*.test.ts', 'src/**/bundled/**'],
    execArgv: imports.flatMap((name) => ['--import', name]),
    // See test/support/crashmon.ts.
    argv: bundle === null ? [] : [`--crashmon=${bundle}`],
  });
}

/** The events of all batches as one run: the counts of each are added up, coverage is one line. */
async function* eventsOf(batches: readonly Batch[], bundle: string | null): AsyncGenerator<TestEvent> {
  const totals = new Map<string, number>();
  const diagnostic = (message: string): TestEvent => ({
    type: 'test:diagnostic',
    data: { nesting: 0, message, level: 'info' },
  });
  let coverage: string | null = null;
  // At the same time: most tests wait for a process most of the time.
  for (const batch of batches.map((each) => start(each, bundle))) {
    for await (const event of batch as AsyncIterable<TestEvent>) {
      if (event.type === 'test:fail') process.exitCode = 1;
      const count = event.type === 'test:diagnostic' ? /^(\w+) ([\d.]+)$/.exec(event.data.message) : null;
      if (event.type === 'test:coverage') coverage = coverageLine(event.data.summary.totals);
      else if (count?.[1] && event.type === 'test:diagnostic' && event.data.file === undefined) {
        const [before, value] = [totals.get(count[1]) ?? 0, Number(count[2])];
        totals.set(count[1], count[1] === 'duration_ms' ? Math.max(before, value) : before + value);
      } else if (event.type !== 'test:summary') yield event;
    }
  }
  if (coverage !== null) yield diagnostic(coverage);
  for (const [name, total] of totals) yield diagnostic(`${name} ${total}`);
}

function coverageLine(totals: {
  coveredLinePercent: number;
  coveredBranchPercent: number;
  coveredFunctionPercent: number;
}): string {
  const { coveredLinePercent, coveredBranchPercent, coveredFunctionPercent } = totals;
  const [lines, branches, functions] = [coveredLinePercent, coveredBranchPercent, coveredFunctionPercent].map(
    (percent) => percent.toFixed(1),
  );
  return `coverage of the files of src that unit tests load, without started processes: lines ${lines} %, branches ${branches} %, functions ${functions} %`;
}

const startedAtMs = Date.now();
const batches = batchesOf(process.argv.slice(2));
// The unit tests use the sources.
const bundle = batches.every(({ coverage }) => coverage) ? null : await bundleCrashmon();
hurryAnalyses();
const reporter = new spec();
reporter.pipe(process.stdout);
for await (const event of eventsOf(batches, bundle)) reporter.write(event);
reporter.end();
// Elsewhere others can run the same tools at the same time.
if (process.env.CI !== undefined) {
  for (const name of cachesLeft('/tmp', startedAtMs)) {
    console.error(`left behind: /tmp/${name}`);
    process.exitCode = 1;
  }
}
