// Loaded before each test file: what is compiled for one is not compiled again for the next. Plain JavaScript, so that
// loading it needs no TypeScript stripper. Not an environment variable, which the programs under test would inherit.
import { enableCompileCache } from 'node:module';
import path from 'node:path';

enableCompileCache(path.join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'crashmon-tests'));
