import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import {
  dieUnderCrashmon,
  innerTypes,
  type SeenDeath,
  topOwnPlace,
} from '../support/runtimes/die-under-crashmon.ts';
import { DOTNET_ROOT, installDotnet } from '../support/runtimes/dotnet.ts';

const RECORDED = path.join(import.meta.dirname, '..', 'fixtures', 'last-words');

type Case = {
  case: string;
  cmd: string[];
  env: Record<string, string>;
  throwAt: string | null;
  expect: {
    died: boolean;
    type?: string | null;
    causes?: string[];
    anyTop?: boolean;
    undecidable?: boolean;
    maybe?: boolean;
    signal?: boolean;
    noType?: boolean;
  };
};

/** How a recorded program is built and started, below its folder `src`. */
type Start = { build?: readonly string[]; command: readonly string[] };

/** The suite runs programs of the others. */
const HEAVY: Readonly<Record<string, (one: Case) => Start | null>> = {
  bun: ({ cmd }) => ({ command: ['bun', ...cmd.slice(1)] }),
  deno: ({ cmd }) => ({ command: ['deno', ...cmd.slice(1)] }),
  elixir: ({ cmd }) => ({ command: cmd }),
  // Its assembly is in the repository: mcs cannot read the assemblies of this .NET.
  dotnet: ({ cmd: [, ...args] }) => ({ command: [path.join(DOTNET_ROOT, 'dotnet'), ...args] }),
  mono: ({ case: name, cmd }) => ({
    build: ['mcs', ...(name === 'plain-nodebug' ? [] : ['-debug']), `-out:${name}.exe`, `${name}.cs`],
    command: cmd,
  }),
  java: ({ case: name }) => JVM_LANGUAGES[name] ?? null,
};

const JVM_LANGUAGES: Readonly<Record<string, Start>> = {
  kotlin: {
    build: ['kotlinc', 'kotlin/Shop.kt', '-include-runtime', '-d', 'shop.jar'],
    command: ['java', '-cp', 'shop.jar', 'com.shop.ShopKt'],
  },
  scala: {
    build: ['sh', '-c', 'mkdir out && scalac -d out scala/Shop.scala'],
    command: ['java', '-cp', 'out:/usr/share/java/scala-library.jar', 'com.shop.Shop'],
  },
  clojure: { command: ['clojure', 'clojure/shop.clj'] },
};

before(installDotnet);

/** What is known to be missed, and why. */
const MISSES: Readonly<Record<string, string>> = {
  'mono/failfast': 'Mono prints a dump of its own machine code, which names no call of the program',
};

for (const [runtime, startOf] of Object.entries(HEAVY)) {
  const folder = path.join(RECORDED, runtime);
  const { cases }: { cases: Case[] } = JSON.parse(readFileSync(path.join(folder, 'index.json'), 'utf8'));
  describe(`programs of ${runtime}: the first crash`, { concurrency: 2 }, () => {
    for (const one of cases) {
      const start = startOf(one);
      if (start === null || one.expect === null) continue;
      const name = `${runtime}/${one.case}`;
      test(name, async () => {
        const death = await dieUnderCrashmon({ folder: path.join(folder, 'src'), ...start, env: ownOf(one) });
        assert.deepEqual(death.leaks, []);
        if (one.expect.undecidable === true) return;
        const [found, expected] = [seenOf(death, one), expectedOf(one)];
        if (name in MISSES) assert.notDeepEqual(found, expected, 'is right now: take it off the list');
        else assert.deepEqual(found, expected, death.stderr);
      });
    }
  });
}

/** Without the paths of the machine that it was recorded on. */
function ownOf({ env }: Case): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => !value.startsWith('/')));
}

type Seen = { claimed: boolean; type?: string | null; causes?: string[]; top?: string | null };

/** Some print only what they did, and that is shown instead. */
function hasType({ signal, noType }: Case['expect']): boolean {
  return signal !== true && noType !== true;
}

function seenOf({ report }: SeenDeath, { expect, throwAt }: Case): Seen {
  const isSure = report !== null && report.proof !== 'printed';
  if (report === null || !(isSure || expect.maybe === true)) return { claimed: false };
  const type = hasType(expect) ? { type: report.exceptionType } : {};
  const top = throwAt === null || expect.anyTop === true ? {} : { top: topOwnPlace(report) };
  return { claimed: true, ...type, causes: innerTypes(report).toSorted(), ...top };
}

function expectedOf({ expect, throwAt }: Case): Seen {
  if (!expect.died) return { claimed: false };
  const type = hasType(expect) ? { type: expect.type ?? null } : {};
  const top = throwAt === null || expect.anyTop === true ? {} : { top: throwAt };
  return { claimed: true, ...type, causes: (expect.causes ?? []).toSorted(), ...top };
}
