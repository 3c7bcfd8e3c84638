import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Runtime } from '../../src/model/runtime.ts';
import { recordedDeaths } from '../../test/support/last-words-corpus.ts';
import { runToEnd } from '../processes/run-to-end.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import type { Measurement } from '../report/finding.ts';
import { noiseOf, shuffled, spreadOf } from '../report/statistics.ts';
import { benchProgram } from '../subjects/crashmon-command.ts';

const MEGABYTE = 1024 * 1024;
/** Recorded deaths of each runtime, so often repeated that they fill a megabyte. */
const DEATHS_EACH = { smoke: 1, quick: 2, full: 8 } as const;

type Time = { coldMs: number; warmMs: number; found: boolean };

export const lastWords: Measurement = {
  name: 'last-words',
  about: 'Reading 1 MB of standard error as the last words of its runtime, in a new process',
  async *measure({ scale, progress }) {
    await using workspace = await makeWorkspace();
    const byRuntime = Map.groupBy(recordedDeaths(), ({ runtime }) => runtime);
    const times: Time[] = [];
    const control: Time[] = [];
    const perRuntime = new Map<Runtime, number[]>();
    for (const [runtime, deaths] of shuffled([...byRuntime])) {
      for (const { name, text } of shuffled(deaths).slice(0, DEATHS_EACH[scale])) {
        if (text === '') continue;
        progress(name);
        const file = join(workspace.path, 'text');
        await writeFile(file, text.repeat(Math.ceil(MEGABYTE / text.length)));
        const time = await read(runtime, file);
        times.push(time);
        control.push(await read(runtime, file));
        perRuntime.set(runtime, [...(perRuntime.get(runtime) ?? []), time.coldMs]);
      }
    }
    if (!times.some(({ found }) => found)) throw new Error('no last words were found in any text');
    const noise = noiseOf(
      times.map(({ coldMs }, index) => coldMs - (control[index]?.coldMs ?? coldMs)),
      0,
    );
    const shared = { unit: 'ms', noise } as const;
    yield {
      what: 'all runtimes, cold',
      measured: spreadOf(times.map(({ coldMs }) => coldMs)),
      target: { atMost: 50 },
      ...shared,
    };
    yield {
      what: 'all runtimes, warm',
      measured: spreadOf(times.map(({ warmMs }) => warmMs)),
      target: { atMost: 50 },
      ...shared,
    };
    for (const [runtime, cold] of [...perRuntime].sort()) {
      yield { what: `${runtime}, cold`, measured: spreadOf(cold), target: { atMost: 50 }, ...shared };
    }
  },
};

async function read(runtime: Runtime, file: string): Promise<Time> {
  return JSON.parse(await runToEnd(benchProgram('read-last-words.mjs', runtime, file)));
}
