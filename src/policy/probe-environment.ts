import type { Runtime } from '../model/runtime.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Variables = Record<string, string>;

/** @returns null if the probe cannot be named in this runtime's variable, because of its path */
type Builder = (probes: string, env: Environment) => Variables | null;

/** Marks PYTHONFAULTHANDLER as ours: any text enables it, and the probe takes only this one out again. */
const OURS = 'crashmon';

/** One builder for each runtime that has a probe. What the app has in a variable stays, behind the probe. */
const PROBES: Partial<Record<Runtime, Builder>> = {
  node: (probes, { NODE_OPTIONS: before }) => ({
    NODE_OPTIONS: joined(`--require ${quoted(`${probes}/bundled/probe.cjs`)}`, before, ' '),
  }),
  python: (probes, { PYTHONPATH: before, PYTHONFAULTHANDLER: faultHandler }) =>
    probes.includes(':')
      ? null
      : {
          PYTHONPATH: joined(`${probes}/python`, before, ':'),
          ...(isSet(faultHandler) ? {} : { PYTHONFAULTHANDLER: OURS }),
        },
  ruby: (probes, { RUBYOPT: before }) =>
    /\s/.test(probes) ? null : { RUBYOPT: joined(`-r${probes}/ruby/probe.rb`, before, ' ') },
  perl: (probes, { PERL5OPT: before }) =>
    /\s/.test(probes) ? null : { PERL5OPT: joined(`-I${probes}/perl -MCrashmon::Probe`, before, ' ') },
};

/**
 * What a worker needs in its environment to be started with the probe of its runtime. The probe takes it out again.
 * @param runtime what the worker ran the last time; where it has no probe, or is unknown, a Node process in it is observed
 * @param probes absolute path of the folder of the probes
 */
export function probeEnvironment(
  runtime: Runtime | null,
  probes: string,
  env: Environment,
): { runtime: Runtime; variables: Variables } | null {
  const probed = runtime !== null && hasProbe(runtime) ? runtime : 'node';
  const variables = PROBES[probed]?.(probes, env) ?? null;
  return variables === null ? null : { runtime: probed, variables };
}

/** Can exceptions of this runtime be captured? */
function hasProbe(runtime: Runtime): boolean {
  return PROBES[runtime] !== undefined;
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
