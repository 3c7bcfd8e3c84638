// Keeps one dump after the other until it is killed. Arguments: the store, and the age recipient, if any.
import { randomBytes } from 'node:crypto';
import { instantAt, keepSample } from './sample-dump.ts';

const [store = '', recipient = null] = process.argv.slice(2);
const core = randomBytes(200_000);
process.stdout.write('ready\n');
for (let number = 1; ; number++) {
  const crash = number.toString(16).padStart(12, '0');
  await keepSample({ store, crash, core, recipient, now: instantAt(0), keepMs: 1e12, maxDiskBytes: 2 ** 40 });
}
