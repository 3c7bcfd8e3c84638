// `crashmon run` replaces itself with this after parsing its command line: only the agent is in memory.
import { importOwn, prepareProcess } from './prepare-process.mjs';

prepareProcess();
const { supervise } = await importOwn('./supervise');
await supervise(JSON.parse(process.argv[2] ?? ''));
