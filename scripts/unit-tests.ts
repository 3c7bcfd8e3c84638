// The unit tests in one process: most need a few milliseconds, and another process takes half a second to load its code.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, UNIT_TESTS } from './test-files.ts';

for (const file of UNIT_TESTS) await import(pathToFileURL(path.join(ROOT, file)).href);
