// How a checkout starts the thread: see ../store/database/sqlite-entry.mjs.
import module from 'node:module';
import { workerData } from 'node:worker_threads';

if (workerData.compileCache !== undefined) module.enableCompileCache(workerData.compileCache);
await import('./reader-thread.ts');
