// Loaded before each test file.
import fc from 'fast-check';
import { SEED } from './seed.ts';

fc.configureGlobal({ seed: SEED });
// Set while coverage is measured. Node.js would hand it on to every program that a test starts.
delete process.env.NODE_V8_COVERAGE;
