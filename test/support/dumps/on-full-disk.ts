// Keeps dumps on a file system of its own that gets full. Run by `unshare --mount`. Arguments: an empty directory, and the
// options of the file system. Prints what became of each dump, and the files that are left.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { listDumps } from '../../../src/dumps/list-dumps.ts';
import { sweepDumps } from '../../../src/dumps/sweep-dumps.ts';
import { instantAt, prepareSample } from './sample-dump.ts';

const [directory = '', options = ''] = process.argv.slice(2);
const NOW = 1_800_000_000_000;
const remote = { endpoint: 'http://127.0.0.1:9', bucket: 'dumps', prefix: '', credentials: '/none' };
const recipient = await identityToRecipient(await generateIdentity());

execFileSync('sh', ['-c', 'mount -t tmpfs -o "$1" tmpfs "$0"', directory, options]);
const store = join(directory, 'store');
mkdirSync(store);
chmodSync(store, 0o700);

async function keep(crash: string): Promise<string> {
  const core = randomBytes(8_000_000);
  const sample = { store, crash, core, recipient, remote, now: instantAt(NOW) };
  const prepared = await prepareSample(sample);
  if (prepared === null || typeof prepared === 'string') return String(prepared);
  prepared.put();
  return 'kept';
}

const kept = [await keep('aaaaaaaaaaaa'), await keep('bbbbbbbbbbbb')];
const afterKeeping = readdirSync(store).toSorted();
// What cannot be noted cannot be deleted in the bucket: but its memory goes.
for (let number = 0, isFull = false; !isFull && options.includes('nr_inodes'); number++) {
  try {
    writeFileSync(join(directory, String(number)), '');
  } catch {
    isFull = true;
  }
}
await sweepDumps(store, instantAt(NOW + 1000));
const whileFull = (await listDumps(store)).map((dump) =>
  dump.isStored ? 'noted' : statSync(dump.path).size,
);
rmSync(join(directory, '0'), { force: true });
await sweepDumps(store, instantAt(NOW + 1000));
const afterwards = readdirSync(store).toSorted();
process.stdout.write(`${JSON.stringify({ kept, afterKeeping, whileFull, afterwards })}\n`);
