import type { CrashFacts } from '../../model/crash-facts.ts';
import type { Runtime } from '../../model/runtime.ts';
import { DATABASES } from './databases.ts';
import { DOTNET } from './dotnet.ts';
import { ERLANG_AND_ELIXIR } from './erlang.ts';
import { FILES } from './files.ts';
import { GO } from './go.ts';
import { JAVA } from './java.ts';
import type { CatalogEntry, KnownCause } from './known-cause.ts';
import { LANGUAGES } from './languages.ts';
import { HEAP, MEMORY } from './memory.ts';
import { MODULES } from './modules.ts';
import { NATIVE } from './native.ts';
import { NETWORK } from './network.ts';
import { NODE } from './node.ts';
import { PERL } from './perl.ts';
import { PHP } from './php.ts';
import { PYTHON } from './python.ts';
import { RUBY } from './ruby.ts';
import { RUST } from './rust.ts';
import { SANITIZERS } from './sanitizers.ts';

/** Of programs that run JavaScript. More specific entries come first. */
const JAVASCRIPT: readonly CatalogEntry[] = [...MODULES, ...DATABASES, ...NETWORK, ...FILES, ...HEAP];
/** Of all runtimes: memory and machine code. */
const ANY: readonly CatalogEntry[] = [...MEMORY, ...LANGUAGES, ...NATIVE];

/** Of other runtimes. */
const OTHERS: Partial<Record<Runtime, readonly CatalogEntry[]>> = {
  python: PYTHON,
  ruby: RUBY,
  php: PHP,
  perl: PERL,
  erlang: ERLANG_AND_ELIXIR,
  java: JAVA,
  dotnet: DOTNET,
  go: GO,
  rust: RUST,
  native: SANITIZERS,
};

export const CATALOG: readonly CatalogEntry[] = [
  ...JAVASCRIPT,
  ...Object.values(OTHERS).flat(),
  ...ANY,
  ...NODE,
];

/** What can be said of crashes of a runtime. An unknown one can be Node.js in a worker that is not armed. */
function catalogOf(runtime: Runtime): readonly CatalogEntry[] {
  const isJavaScript = runtime === 'node' || runtime === 'bun' || runtime === 'deno';
  return isJavaScript ? [...JAVASCRIPT, ...ANY, ...NODE] : [...(OTHERS[runtime] ?? []), ...ANY];
}

const MAX_CAUSES = 3;

/**
 * The known causes of this crash, best first, at most three; empty if none fits. For a wrapped error, those of the
 * innermost cause come first; entries that say only how the process ended come last.
 */
export function knownCauses(facts: CrashFacts): KnownCause[] {
  const catalog = catalogOf(facts.runtime?.name ?? 'node');
  const found = new Set(viewsOf(facts).flatMap((view) => catalog.filter(({ matches }) => matches(view))));
  return [...found]
    .sort((one, other) => Number(one.isGeneral ?? false) - Number(other.isGeneral ?? false))
    .slice(0, MAX_CAUSES)
    .map(({ id, title, meaning, steps, link }) => ({
      ...{ id, title, meaning },
      steps: steps.map((step) => step.replace('{package}', packageWords(facts))),
      link,
    }));
}

function packageWords({ addon }: CrashFacts): string {
  if (addon === undefined) return 'the package';
  return addon.version === null ? addon.name : `${addon.name} (this is ${addon.version})`;
}

/** The facts of each exception in the chain, innermost first. The frames of a wrapper follow those of its cause. */
function viewsOf(facts: CrashFacts): CrashFacts[] {
  const views: CrashFacts[] = [facts];
  let around = facts.frames;
  for (const [index, cause] of (facts.causes ?? []).entries()) {
    around = [...cause.frames, ...around];
    views.unshift({
      ...facts,
      exceptionType: cause.exceptionType,
      code: cause.code,
      frames: around,
      members: cause.members,
      causes: facts.causes?.slice(index + 1) ?? [],
    });
  }
  return views;
}
