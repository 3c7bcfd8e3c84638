import { json } from 'node:stream/consumers';
import { sealedFile } from '../../dumps/encryption.ts';
import { sendDump } from '../../uplink/send-dump.ts';
import { type DumpJob, OUTCOMES } from './dump-job.ts';

type Outcome = (typeof OUTCOMES)[number];

async function send({ endpoint, headers, instance, dumps }: DumpJob): Promise<Outcome> {
  let worst: Outcome = 'sent';
  for (const { path, ...wanted } of dumps) {
    const outcome = await sendOne({ endpoint: new URL(endpoint), headers, instance }, wanted, path);
    if (outcome === 'away') return outcome;
    if (outcome !== 'sent') worst = outcome;
  }
  return worst;
}

async function sendOne(
  target: Parameters<typeof sendDump>[0],
  wanted: Parameters<typeof sendDump>[1],
  path: string,
): Promise<Outcome> {
  try {
    using dump = sealedFile(path);
    return await sendDump(target, wanted, dump);
  } catch {
    return 'unreadable';
  }
}

const outcome = await send((await json(process.stdin)) as DumpJob);
process.exitCode = Number(Object.entries(OUTCOMES).find(([, each]) => each === outcome)?.[0] ?? 1);
