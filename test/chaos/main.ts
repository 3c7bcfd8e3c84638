// Usage: node test/chaos/main.ts [--minutes N] [--seed N] [--keep DIR] [--crashmon=FILE]
// See docs/chaos.md.
import { constants } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleCrashmon } from '../../scripts/bundle-crashmon.ts';
import { runInRoom } from './room/room.ts';

const INSIDE = path.join(import.meta.dirname, 'inside.ts');

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
    keep: { type: 'string' },
    crashmon: { type: 'string' },
  },
});
const { minutes, seed, keep, crashmon } = values;
for (const [name, text] of Object.entries({ minutes, seed })) {
  if (!(Number(text) > 0)) throw new Error(`--${name}: a number above 0 is expected, not ${text}`);
}
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort(signal));
// As a shell reports it. Of several signals the first counts: to end a room takes a moment.
ending.signal.addEventListener('abort', () => {
  process.exitCode = 128 + constants.signals[ending.signal.reason as NodeJS.Signals];
});
const main = crashmon ?? (await bundleCrashmon());
const inside = [process.execPath, INSIDE, minutes, `--crashmon=${main}`];
// In the room, /tmp is another one: it is kept beside the checkout's own files.
const kept = keep === undefined ? [] : [`CHAOS_KEEP=${path.resolve(keep)}`];
const command = ['env', `CRASHMON_TEST_SEED=${seed}`, ...kept, ...inside];
const code = await runInRoom(command, ending.signal);
process.exitCode ??= code;
