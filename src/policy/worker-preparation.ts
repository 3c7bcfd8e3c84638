import type { ObservedProgram } from '../model/observed-program.ts';
import type { Runtime } from '../model/runtime.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Variables = Record<string, string>;

/** What a worker is started with, beside the environment of the app. */
export type Preparation = {
  runtime: Runtime;
  /** `probe`: exceptions are captured. `words`: the runtime prints more when it fails. */
  gives: 'probe' | 'words';
  variables: Variables;
};

/** What the worker ran the last time. */
export type PreviousProgram = Pick<ObservedProgram, 'executable' | 'args'> & {
  /** Debug information of Mono is beside the program. */
  hasMonoSymbols: boolean;
};

/** @returns null if the folder cannot be named in this runtime's variable, or nothing is to be set */
type Builder = (env: Environment, probes: string, program: PreviousProgram | null) => Variables | null;

/** Marks PYTHONFAULTHANDLER as ours: any text enables it, and the probe takes only this one out again. */
const OURS = 'crashmon';

/** What the app has in a variable stays, behind the probe. Each probe takes its variables out again. */
const PROBES: Partial<Record<Runtime, Builder>> = {
  node: ({ NODE_OPTIONS: before }, probes) => ({
    NODE_OPTIONS: joined(`--require ${quoted(`${probes}/bundled/probe.cjs`)}`, before, ' '),
  }),
  python: ({ PYTHONPATH: before, PYTHONFAULTHANDLER: faultHandler }, probes) =>
    probes.includes(':')
      ? null
      : {
          PYTHONPATH: joined(`${probes}/python`, before, ':'),
          ...(isSet(faultHandler) ? {} : { PYTHONFAULTHANDLER: OURS }),
        },
  ruby: ({ RUBYOPT: before }, probes) =>
    /\s/.test(probes) ? null : { RUBYOPT: joined(`-r${probes}/ruby/probe.rb`, before, ' ') },
  perl: ({ PERL5OPT: before }, probes) =>
    /\s/.test(probes) ? null : { PERL5OPT: joined(`-I${probes}/perl -MCrashmon::Probe`, before, ' ') },
};

/** Nothing takes these out again: children have them too. */
const WORDS: Partial<Record<Runtime, Builder>> = {
  // In FPM, other settings decide.
  php: ({ PHP_INI_SCAN_DIR: before }, probes, program) => {
    if (program === null || !/\/php[\d.]*$/.test(program.executable)) return null;
    if (probes.includes(':') || program.args.includes('-n')) return null;
    // An empty part is the directory that PHP was built with.
    return { PHP_INI_SCAN_DIR: before === '' ? `${probes}/php` : `${before ?? ''}:${probes}/php` };
  },
  // Without the second variable, each error that an app creates would cost microseconds.
  rust: ({ RUST_BACKTRACE, RUST_LIB_BACKTRACE }) =>
    RUST_BACKTRACE !== undefined
      ? null
      : { RUST_BACKTRACE: '1', ...(RUST_LIB_BACKTRACE === undefined ? { RUST_LIB_BACKTRACE: '0' } : {}) },
  dotnet: ({ MONO_ENV_OPTIONS: before }) => ({ MONO_ENV_OPTIONS: joined('--debug', before, ' ') }),
};

/**
 * What to add to a worker's environment so that its next crash says more. A runtime that is unknown, or has nothing of
 * its own, gets the probe of Node.js: a Node process that it starts is observed.
 * @param probes absolute path of the folder of the probes
 * @returns null if it cannot be prepared
 */
export function prepareWorker(
  runtime: Runtime | null,
  program: PreviousProgram | null,
  { env, probes }: { env: Environment; probes: string },
): Preparation | null {
  // Only Mono prints more.
  const hasNothing = runtime === 'dotnet' && program?.hasMonoSymbols !== true;
  const isKnown = runtime !== null && !hasNothing && (hasProbe(runtime) || printsMore(runtime));
  const known = isKnown ? runtime : 'node';
  const builder = PROBES[known] ?? WORDS[known];
  const variables = builder?.(env, probes, program) ?? null;
  const gives = hasProbe(known) ? 'probe' : 'words';
  return variables === null ? null : { runtime: known, gives, variables };
}

/** Can exceptions of this runtime be captured? */
export function hasProbe(runtime: Runtime): boolean {
  return PROBES[runtime] !== undefined;
}

/**
 * Does the probe record every exception that ends the process? That of Perl misses some, and for Node.js its own output
 * decides.
 */
export function recordsAll(runtime: Runtime | null): boolean {
  return runtime === 'python' || runtime === 'ruby';
}

/** Can it be started so that it prints more when it fails? */
export function printsMore(runtime: Runtime): boolean {
  return WORDS[runtime] !== undefined;
}

function joined(ours: string, before: string | undefined, separator: string): string {
  return isSet(before) ? `${ours}${separator}${before}` : ours;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

/** NODE_OPTIONS is split at spaces; within double quotes a backslash escapes. Node before 12 knows no quotes. */
function quoted(path: string): string {
  if (!/[ "\\]/.test(path)) return path;
  return `"${path.replaceAll(/["\\]/g, '\\$&')}"`;
}
