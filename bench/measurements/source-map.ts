import { setPriority } from 'node:os';
import { join } from 'node:path';
import { ANALYSIS_FLAGS, type AnalysisJob } from '../../src/agent/analysis-job.ts';
import { CHECKOUT } from '../../test/support/crashmon.ts';
import { endedChildrenMs } from '../processes/process-usage.ts';
import { runToEnd } from '../processes/run-to-end.ts';
import { startProcess } from '../processes/started-process.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import type { Finding, Measurement } from '../report/finding.ts';
import { median, noiseOf, shuffled, spreadOf } from '../report/statistics.ts';
import { makeBigBundle } from '../subjects/big-bundle.ts';
import { type CapturedCrash, captureCrash, framesOfReport } from '../subjects/captured-crash.ts';
import { benchProgram } from '../subjects/crashmon-command.ts';

const TIMES = { smoke: 1, quick: 4, full: 15 } as const;
const WAYS = ['analysis', 'control', 'without maps', 'mapping'] as const;
type Way = (typeof WAYS)[number];
type Cost = { ms: number; processorMs: number };
const ANALYSIS = join(CHECKOUT, 'src', 'agent', 'analysis-process.ts');
/** As the agent starts it. */
const LOWEST_PRIORITY = 19;

export const sourceMap: Measurement = {
  name: 'source-map',
  about: 'A stack of 20 frames through a source map of 20 MB, from a new process to the stored report',
  async *measure({ scale, progress }) {
    await using workspace = await makeWorkspace();
    progress('making the bundle');
    const { bundle, mapBytes } = await makeBigBundle(workspace.path, scale === 'smoke' ? 2 : 40);
    const crash = await captureCrash(bundle, workspace.path, workspace.stateDir);
    await checkReport(crash, workspace.stateDir, workspace.path);
    const times: Record<Way, Cost>[] = [];
    // The first time warms up.
    for (let number = scale === 'smoke' ? 1 : 0; number <= TIMES[scale]; number++) {
      progress(`analysis ${number} of ${TIMES[scale]}`);
      const time: Partial<Record<Way, Cost>> = {};
      for (const way of shuffled(WAYS)) {
        time[way] =
          way === 'mapping'
            ? await mapStack(crash.recordFile, workspace.path)
            : await analyze(crash, way !== 'without maps', workspace.path);
      }
      if (number > 0) times.push(time as Record<Way, Cost>);
    }
    const all = (way: Way, part: keyof Cost = 'ms'): number[] => times.map((time) => time[way][part]);
    const noise = noiseOf([median(all('control')) - median(all('analysis'))], 0);
    const shared = { unit: 'ms', noise } as const;
    const megabytes = (mapBytes / 1e6).toFixed(1);
    yield* [
      {
        what: `analysis process, map of ${megabytes} MB`,
        measured: spreadOf(all('analysis')),
        target: { atMost: 500 },
        ...shared,
      },
      { what: 'the same without maps', measured: spreadOf(all('without maps')), target: null, ...shared },
      {
        what: 'reading the map and mapping alone',
        measured: spreadOf(all('mapping')),
        target: { atMost: 500 },
        ...shared,
      },
      ...(['analysis', 'without maps', 'mapping'] as const).map(
        (way): Finding => ({
          what: `processor time, ${way}`,
          unit: 'ms',
          measured: spreadOf(all(way, 'processorMs')),
          noise: noiseOf([median(all('control', 'processorMs')) - median(all('analysis', 'processorMs'))], 0),
          target: null,
        }),
      ),
    ];
  },
};

async function analyze(crash: CapturedCrash, sourceMaps: boolean, directory: string): Promise<Cost> {
  await crash.restore();
  const usedBefore = endedChildrenMs();
  const started = performance.now();
  const job: AnalysisJob = { ...crash.job, sourceMaps };
  await using analysis = startProcess([process.execPath, ...ANALYSIS_FLAGS, ANALYSIS, JSON.stringify(job)], {
    // The agent passes its compile cache on.
    env: { NODE_COMPILE_CACHE: join(directory, 'compile-cache') },
  });
  setPriority(analysis.pid, LOWEST_PRIORITY);
  await analysis.exited;
  if (analysis.child.exitCode !== 0) throw new Error('the analysis failed');
  return { ms: performance.now() - started, processorMs: endedChildrenMs() - usedBefore };
}

/** Mapping nothing would be fast. */
async function checkReport(crash: CapturedCrash, stateDir: string, directory: string): Promise<void> {
  await analyze(crash, true, directory);
  const files = await framesOfReport(crash.job.runId, stateDir);
  const mapped = files.filter((file) => file.startsWith('src/module-')).length;
  if (mapped !== 20) throw new Error(`${mapped} of ${files.length} frames of the report were mapped`);
}

async function mapStack(recordFile: string, appRoot: string): Promise<Cost> {
  const answer = JSON.parse(await runToEnd(benchProgram('map-stack.mjs', recordFile, appRoot)));
  if (answer.frames !== 20 || answer.mapped !== 20) {
    throw new Error(`${answer.mapped} of ${answer.frames} frames were mapped`);
  }
  return answer;
}
