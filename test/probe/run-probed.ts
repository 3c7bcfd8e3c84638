import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { parseCandidate } from '../../src/formats/probe-record/parse-candidate.ts';
import { parseClaim } from '../../src/formats/probe-record/parse-claim.ts';
import type { CandidateRecord, ClaimRecord } from '../../src/model/probe-record.ts';
import type { Runtime } from '../../src/model/runtime.ts';
import { prepareWorker } from '../../src/policy/worker-preparation.ts';
import type { NodeBinary } from '../support/node-versions.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const PROBES = path.join(ROOT, 'src/probe');
export const FIXTURES = path.join(ROOT, 'test/fixtures/node');

export type ProbedRun = {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  claim: ClaimRecord | null;
  records: CandidateRecord[];
};

export type ProbedOptions = {
  cwd?: string;
  env?: Readonly<Record<string, string | undefined>>;
  /** What the app has in NODE_OPTIONS itself. */
  nodeOptions?: string;
  /** Defaults to Node.js. */
  runtime?: Runtime;
  /** Defaults to true: with the probe, as an armed worker is started. */
  armed?: boolean;
};

/** Runs a command the way the agent starts a worker: standard error in a file, the probe in the environment. */
export async function runProbed(
  command: string,
  args: readonly string[],
  options: ProbedOptions = {},
): Promise<ProbedRun> {
  await using temporary = await temporaryDirectory('probe');
  const raw = path.join(temporary.path, 'raw');
  mkdirSync(raw, { mode: 0o700 });
  const stderrFile = path.join(temporary.path, 'stderr');
  const stderr = openSync(stderrFile, 'wx+', 0o600);
  const child = spawn(command, args, {
    cwd: options.cwd ?? FIXTURES,
    env: environment(options, raw),
    stdio: ['ignore', 'pipe', stderr],
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  closeSync(stderr);
  const [stdout, [code, signal]] = await Promise.all([
    text(child.stdout ?? Readable.from([])),
    new Promise<[number | null, string | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...status) => resolve(status));
    }),
  ]);
  const names = readdirSync(raw);
  return {
    code,
    signal,
    stdout,
    stderr: readFileSync(stderrFile, 'utf8'),
    claim: names.includes('claim.json')
      ? parseClaim(readFileSync(path.join(raw, 'claim.json'), 'utf8'))
      : null,
    records: names
      .filter((name) => name.startsWith('record-'))
      .sort()
      .map((name) => parseCandidate(readFileSync(path.join(raw, name), 'utf8'))),
  };
}

export type Pair = { plain: ProbedRun; probed: ProbedRun };

/** The same program without and with the probe. */
export async function runBoth(
  node: NodeBinary,
  args: readonly string[],
  options: ProbedOptions = {},
): Promise<Pair> {
  const [plain, probed] = await Promise.all([
    runProbed(node.path, args, { ...options, armed: false }),
    runProbed(node.path, args, options),
  ]);
  return { plain, probed };
}

/**
 * What the world sees of a run. Process ids and addresses differ from run to run, the line of `node:events` that calls
 * a listener depends on how many there are, and whether a thread's error or its end is noticed first is a race.
 */
export function visible(run: ProbedRun): Pick<ProbedRun, 'code' | 'signal' | 'stdout' | 'stderr'> {
  return { code: run.code, signal: run.signal, stdout: anonymous(run.stdout), stderr: anonymous(run.stderr) };
}

function anonymous(output: string): string {
  return output
    .replace(/\(node:\d+\)|0x[0-9a-f]{6,}|(?<=process\.emit \()node:events:\d+:\d+/g, '…')
    .replace(/\n {4}at (?:\[kOnExit\]|Worker\.\S+\.onexit) \(node:internal\/worker:.*/g, '');
}

function environment(options: ProbedOptions, raw: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...options.env };
  delete env.NODE_TEST_CONTEXT;
  delete env.NODE_OPTIONS;
  if (options.nodeOptions) env.NODE_OPTIONS = options.nodeOptions;
  if (options.armed === false) return env;
  const probe = prepareWorker(options.runtime ?? 'node', null, { env, probes: PROBES });
  return { ...env, ...probe?.variables, CRASHMON_PROBE_DIR: raw, CRASHMON_RUN: '0123456789ab' };
}
