// Loaded before each test file.
import { appendFileSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { inputs } from './rounds.ts';
import { SEED } from './seed.ts';

// fast-check tries 100 where a test does not say how many.
fc.configureGlobal({ seed: SEED, numRuns: inputs(100) });
// Set while coverage is measured. Node.js would hand it on to every program that a test starts.
delete process.env.NODE_V8_COVERAGE;

// A line for each file: seconds of processor time, those of the processes that it waited for included.
const times = process.env.CRASHMON_TEST_TIMES;
// Nor is it for the programs that a test starts.
delete process.env.CRASHMON_TEST_TIMES;
if (times !== undefined)
  process.on('exit', () => appendFileSync(times, `${cpuSeconds()} ${process.argv[1]}\n`));

/** proc_pid_stat(5): fields 14 to 17, in ticks of 10 ms. */
function cpuSeconds(): string {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return (ticks / 100).toFixed(1);
}
