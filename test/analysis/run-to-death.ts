import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseCandidate } from '../../src/formats/probe-record/parse-candidate.ts';
import { parseClaim } from '../../src/formats/probe-record/parse-claim.ts';
import type { ExitStatus } from '../../src/model/exit.ts';
import type { CandidateRecord, ClaimRecord } from '../../src/model/probe-record.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PROBE = path.join(import.meta.dirname, '../../src/probe/bundled/probe.cjs');

/** What a program left when it died. */
export type Death = {
  status: ExitStatus;
  stderr: Buffer;
  claim: ClaimRecord | null;
  candidates: CandidateRecord[];
  diedAtMs: number;
};

/** Runs a script to its end, the way the agent does: standard error is a file, and the probe is loaded if asked for. */
export async function runToDeath(
  node: string,
  args: readonly string[],
  options: { directory: string; armed: boolean },
): Promise<Death> {
  await using raw = await temporaryDirectory('raw');
  const stderrFile = path.join(raw.path, 'stderr');
  await writeFile(stderrFile, 'a line of an earlier life\n');
  const stderr = openSync(stderrFile, 'a');
  const probe = { NODE_OPTIONS: `--require "${PROBE}"`, CRASHMON_PROBE_DIR: raw.path };
  const child = spawn(node, args, {
    cwd: options.directory,
    // Loaders keep what they transpiled in TMPDIR.
    env: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR, ...(options.armed ? probe : {}) },
    stdio: ['ignore', 'ignore', stderr],
  });
  closeSync(stderr);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  const diedAtMs = Date.now();
  const read = (name: string): unknown => readFileSync(path.join(raw.path, name), 'utf8');
  const names = readdirSync(raw.path).sort();
  return {
    status: signal === null ? { type: 'code', code: code ?? 0 } : { type: 'signal', signal },
    stderr: readFileSync(stderrFile),
    claim: names.includes('claim.json') ? parseClaim(String(read('claim.json'))) : null,
    candidates: names
      .filter((name) => /^record-\d\.json$/.test(name))
      .map((name) => parseCandidate(String(read(name)))),
    diedAtMs,
  };
}
