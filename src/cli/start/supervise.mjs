// What `crashmon run` becomes once its command line is understood: nothing but the agent is in memory then.
import { importOwn, prepareProcess } from './prepare-process.mjs';

prepareProcess();
const { supervise } = await importOwn('./supervise');
await supervise(JSON.parse(process.argv[2] ?? ''));
