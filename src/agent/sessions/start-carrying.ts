import { fileURLToPath } from 'node:url';
import { type KeptDump, listDumps } from '../../dumps/list-dumps.ts';
import { isHeld } from '../../dumps/remote/carrier-lock.ts';
import { isToCarry } from '../../dumps/remote/is-to-carry.ts';
import type { Instant } from '../../model/instant.ts';
import { startBackground } from '../background-process.ts';

const ENTRY = fileURLToPath(
  new URL(`./carry-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/** After a failure. */
const PAUSE_MS = 5 * 60_000;

/** Moves what waits in a store to its bucket, and deletes there what is over, in a process of the lowest priority. */
export async function startCarrying(store: string, now: Instant): Promise<void> {
  const dumps = await listDumps(store);
  const isDue = ({ trouble }: KeptDump) =>
    trouble === null || Math.abs(now.wallMs - trouble.atMs) >= PAUSE_MS;
  if (!dumps.some((dump) => isToCarry(dump, now) && isDue(dump)) || isHeld(store)) return;
  startBackground(process.execPath, [ENTRY, store], ['ignore'])
    .once('error', () => {})
    .unref();
}
