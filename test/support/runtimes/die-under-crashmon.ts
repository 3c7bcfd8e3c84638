import { readdirSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { CHECKOUT, crashmon } from '../crashmon.ts';
import { untilNoneMarked } from '../leftovers.ts';
import { nodeBinary } from '../node-versions.ts';
import { pathWith } from '../npm.ts';
import { runProgram } from '../run-program.ts';
import { stateDirectory } from '../state-directory.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import type { ShownReport } from '../until-reported.ts';

export type DyingProgram = {
  /** Folder of the program; it is copied. */
  folder: string;
  build?: readonly string[];
  command: readonly string[];
  env?: Readonly<Record<string, string>>;
};

export type SeenDeath = {
  exit: number | string | null;
  /** null if no report was made. */
  report: ShownReport | null;
  /** Of the exit, as `crashmon crashes --json` prints it. */
  verdict: Record<string, unknown>;
  /** Files of the journal that hold private data of the program. */
  leaks: string[];
  stderr: string;
};

/** Private data in the programs. Times and identifiers can have the same digits among others. */
const CANARIES = [/CANARY/, /(?<![\da-f])4111(?![\da-f])/, /ada@example\.org/];
const BUILD_MS = 240_000;
const TEST = path.join(CHECKOUT, 'test');
/** Deno, Bun and the Node.js of the development packages. */
const PATH = pathWith(
  path.join(TEST, 'runtimes/node_modules/@deno/linux-x64-glibc'),
  path.join(TEST, 'apps/node_modules/@oven/bun-linux-x64/bin'),
  path.dirname(nodeBinary(24).path),
);

/** Builds a program and runs it once below an unarmed crashmon, until that knows everything about its end. */
export async function dieUnderCrashmon({
  folder,
  build,
  command,
  env = {},
}: DyingProgram): Promise<SeenDeath> {
  await using directory = await temporaryDirectory('runtime');
  await using state = await stateDirectory();
  const cwd = path.join(directory.path, 'app');
  await cp(folder, cwd, { recursive: true });
  if (build !== undefined) {
    const [compiler = '', ...args] = build;
    const built = await runProgram(compiler, args, { cwd, deadlineMs: BUILD_MS });
    if (built.code !== 0) throw new Error(`${build.join(' ')}: ${built.stdout}${built.stderr}`);
  }
  const options = {
    stateDir: state.path,
    cwd,
    env: { PATH, SHOP_CARD: '4111-CANARY', RUST_BACKTRACE: undefined, ...env },
  };
  // Records are made as for a portal that cannot be reached.
  const portal = ['--portal', 'http://127.0.0.1:9', '--app-version', '1.0.0'];
  const args = ['run', '--name', 'shop', '--quiet', '--restart', 'never', ...portal, '--', ...command];
  const { code, signal, stderr } = await crashmon(args, {
    ...options,
    env: { ...options.env, CRASHMON_TOKEN: undefined, CRASHMON_PORTAL_TOKEN: 'token' },
  });
  // The analysis outlives crashmon.
  await untilNoneMarked(state.path);
  const crashes = await crashmon(['crashes', '--json'], options);
  const shown = await crashmon(['show', '--json'], options);
  return {
    exit: code ?? signal,
    report: shown.code === 0 ? JSON.parse(shown.stdout) : null,
    verdict: JSON.parse(crashes.stdout)[0] ?? {},
    leaks: leaksIn(path.join(state.path, 'apps/shop')),
    stderr,
  };
}

/** The journal holds what can leave the machine, and the records that wait to leave it. */
function leaksIn(app: string): string[] {
  return readdirSync(app, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?:^|\/)journal\.db/.test(name))
    .flatMap((name) => {
      const text = readFileSync(path.join(app, name), 'latin1');
      return CANARIES.flatMap((canary) => {
        const at = text.search(canary);
        if (at < 0) return [];
        return `${path.basename(name)}: ${canary}: …${text.slice(Math.max(0, at - 60), at + 40)}`;
      });
    });
}

/** `file:line` of the innermost frame of the app; null if there is none. */
export function topOwnPlace({ frames }: ShownReport): string | null {
  const own = frames.find(({ inApp }) => inApp);
  return own === undefined ? null : `${path.basename(own.file ?? '-')}:${own.line ?? '-'}`;
}

/** Types of the causes, and of the members of groups and their causes. */
export function innerTypes(report: ShownReport): string[] {
  return [...report.causes, ...report.members].map(({ exceptionType }) => exceptionType ?? '-');
}
