// How a checkout starts the thread: with the compile cache on before TypeScript is met it does without Node's type
// stripper, 12 MB a thread.
import module from 'node:module';
import { workerData } from 'node:worker_threads';

if (workerData.compileCache !== undefined) module.enableCompileCache(workerData.compileCache);
await import('./sqlite-thread.ts');
