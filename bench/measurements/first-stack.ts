import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startProcess } from '../processes/started-process.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import type { Measurement } from '../report/finding.ts';
import { spreadOf } from '../report/statistics.ts';
import { makePlaces } from '../subjects/portal-place.ts';
import { type BenchPortal, startPortal } from '../subjects/portal-process.ts';
import { SEEDED } from '../subjects/portal-seed.ts';

const CRASHES = { smoke: 1, quick: 4, full: 15 } as const;
/** Crashmon is settled by then, as in front of an app that runs for a while. */
const RUNS_FOR_S = 2;
const DEADLINE_MS = 20_000;
const POLL_MS = 20;

/** The name is of this crash only, so that the page cannot show an earlier one. */
const LANGUAGES = {
  Python: {
    program: 'python3',
    file: 'shop.py',
    source: (name: string) =>
      `import time\ndef ${name}():\n    print("raised at", time.time(), flush=True)\n    raise KeyError("price")\ntime.sleep(${RUNS_FOR_S})\n${name}()\n`,
  },
  'Node.js': {
    program: process.execPath,
    file: 'shop.js',
    source: (name: string) =>
      `function ${name}() {\n  console.log('raised at', Date.now() / 1000);\n  throw new RangeError('price');\n}\nsetTimeout(${name}, ${RUNS_FOR_S * 1_000});\n`,
  },
} as const;

export const firstStack: Measurement = {
  name: 'first-stack',
  about:
    'From an uncaught exception of an unarmed worker, its first, until its stack is on the page of the portal',
  async *measure({ scale, progress, packageCli }) {
    await using places = await makePlaces(packageCli);
    await using portal = await startPortal(await places.fresh('SQLite'), places.cli);
    for (const language of Object.keys(LANGUAGES) as (keyof typeof LANGUAGES)[]) {
      const tookMs: number[] = [];
      for (let crash = 1; crash <= CRASHES[scale]; crash++) {
        progress(`${language}, crash ${crash} of ${CRASHES[scale]}`);
        tookMs.push(await crashOnce(portal, language, places.cli));
      }
      yield {
        what: `${language}: exception to stack on the page`,
        unit: 'ms',
        measured: spreadOf(tookMs),
        noise: null,
        target: { atMost: 1_000 },
      };
    }
  },
};

/** Each crash has a new crashmon, without a history: its first one. */
async function crashOnce(
  portal: BenchPortal,
  language: keyof typeof LANGUAGES,
  cli: readonly string[],
): Promise<number> {
  await using workspace = await makeWorkspace();
  const { program, file, source } = LANGUAGES[language];
  const name = `total_${Math.floor(Math.random() * 1e9).toString(36)}`;
  await writeFile(join(workspace.path, file), source(name));
  const tokenFile = join(workspace.path, 'portal.token');
  await writeFile(tokenFile, portal.token, { mode: 0o600 });
  const options = ['--quiet', '--name', SEEDED.app, '--instance', 'bench', '--restart', 'always'];
  const uplink = ['--portal', portal.url, '--portal-token-file', tokenFile];
  await using agent = startProcess([...cli, 'run', ...options, ...uplink, '--', program, file], {
    cwd: workspace.path,
    env: { CRASHMON_STATE_DIR: workspace.stateDir },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const raisedMs = await raisedAt(agent.child.stdout);
  while (!(await isShown(portal, name))) {
    if (Date.now() - raisedMs > DEADLINE_MS) throw new Error(`the stack of ${language} never came`);
    await delay(POLL_MS);
  }
  return Date.now() - raisedMs;
}

async function raisedAt(output: NodeJS.ReadableStream | null): Promise<number> {
  let text = '';
  for await (const chunk of output ?? []) {
    text += chunk;
    const seconds = /raised at (\d+\.\d+)/.exec(text)?.[1];
    if (seconds !== undefined) return Number(seconds) * 1_000;
  }
  throw new Error('the program ended without raising anything');
}

async function isShown({ url, cookie }: BenchPortal, name: string): Promise<boolean> {
  const response = await fetch(`${url}/apps/${SEEDED.app}`, { headers: { cookie } });
  return (await response.text()).includes(name);
}
