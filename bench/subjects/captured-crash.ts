import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { AnalysisJob } from '../../src/agent/analysis-job.ts';
import { PROBES, workerEnvironment } from '../../src/agent/worker-environment.ts';
import { prepareWorker } from '../../src/policy/worker-preparation.ts';
import { runToEnd } from '../processes/run-to-end.ts';
import { startProcess } from '../processes/started-process.ts';
import { CHECKOUT_CLI } from './crashmon-command.ts';

const PROBE = prepareWorker('node', null, { env: {}, probes: PROBES });

export type CapturedCrash = {
  job: AnalysisJob;
  recordFile: string;
  /** Restores the raw capture, which an analysis deletes. */
  restore(): Promise<void>;
};

/** Limit for the agent's own analysis, which continues after the agent's end. */
const REPORT_MS = 5_000;

/**
 * A crash as the analysis process finds it: in the journal, with its raw records restored, so that the analysis can run
 * any number of times.
 */
export async function captureCrash(
  program: string,
  directory: string,
  stateDir: string,
): Promise<CapturedCrash> {
  const worker = [process.execPath, '--stack-trace-limit=20', program];
  const names = ['--name', 'big', '--instance', 'bench'];
  const options = ['--restart', 'never', '--arm-after', '0', '--quiet'];
  const env = { CRASHMON_STATE_DIR: stateDir };
  await using run = startProcess([...CHECKOUT_CLI, 'run', ...names, ...options, '--', ...worker], {
    cwd: directory,
    env,
  });
  await run.exited;
  const crashes: { id: string }[] = JSON.parse(
    await runToEnd([...CHECKOUT_CLI, 'crashes', '--json'], { env }),
  );
  const runId = crashes[0]?.id;
  if (runId === undefined) throw new Error('the crash was not recorded');

  // The same program leaves the same records again.
  const records = join(directory, 'records');
  await mkdir(records, { mode: 0o700 });
  const probed = workerEnvironment({}, runId, { directory: records, preparation: PROBE }) as Record<
    string,
    string
  >;
  await using again = startProcess(worker, { cwd: directory, env: probed });
  await again.exited;
  const job: AnalysisJob = {
    directory: join(stateDir, 'apps', 'big', 'bench'),
    runId,
    app: 'big',
    instance: 'bench',
    appRoot: directory,
    workspaceRoot: null,
    dumpFd: null,
    sourceMaps: true,
    giveUp: false,
  };
  await framesOfReport(runId, stateDir);
  const restore = async (): Promise<void> => {
    await cp(records, join(job.directory, 'raw', runId), { recursive: true });
    // An analysis that finds a report has nothing to do.
    using journal = new DatabaseSync(join(job.directory, 'journal.db'), { timeout: 5_000 });
    journal.exec('DELETE FROM reports');
  };
  return { job, recordFile: join(records, 'record-0.json'), restore };
}

/** Files of the frames in the stored report, once it exists; empty after a timeout. */
export async function framesOfReport(runId: string, stateDir: string): Promise<string[]> {
  const deadline = performance.now() + REPORT_MS;
  do {
    const show = [...CHECKOUT_CLI, 'show', runId, '--json'];
    const text = await runToEnd(show, { env: { CRASHMON_STATE_DIR: stateDir } }).catch(() => null);
    if (text !== null) {
      const { frames } = JSON.parse(text) as { frames: { file: string }[] };
      return frames.map(({ file }) => file);
    }
  } while (performance.now() < deadline);
  return [];
}
