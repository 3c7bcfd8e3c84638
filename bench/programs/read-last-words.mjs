// Reads a text as a runtime's last words, twice, and prints how many milliseconds each took and whether any were found.
// The first time nothing is compiled yet. Arguments: runtime, file of the text.
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { readLastWords } from '../../src/formats/last-words/readers.ts';

const [runtime = '', file = ''] = process.argv.slice(2);
const text = readFileSync(file, 'utf8');
const vouchers = { readSource: () => null, program: null, readClass: () => null };

function read() {
  const start = performance.now();
  const words = readLastWords(runtime, text, vouchers);
  return { ms: performance.now() - start, found: words !== null && words !== undefined };
}

const cold = read();
const warm = read();
process.stdout.write(JSON.stringify({ coldMs: cold.ms, warmMs: warm.ms, found: cold.found }));
