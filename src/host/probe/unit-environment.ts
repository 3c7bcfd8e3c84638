import { prepareWorker } from '../../policy/worker-preparation.ts';

/** What of a unit's environment its next start gets instead. Values as the worker is to have them. */
export type UnitEnvironment = Readonly<Record<string, string>>;

/** Systemd's limits are wider; what is longer is left alone. */
const MAX_LENGTH = 4096;

/**
 * The environment with which Node.js loads the probe.
 * @param own NODE_OPTIONS of the service itself; null: it has none
 * @returns null if that cannot be written down
 */
export function probeEnvironment(own: string | null, probes: string, fifo: string): UnitEnvironment | null {
  const env = own === null ? {} : { NODE_OPTIONS: own };
  const prepared = prepareWorker('node', null, { env, probes });
  const environment = { ...prepared?.variables, CRASHMON_PROBE_FIFO: fifo };
  const isUsable = Object.values(environment).every(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: systemd refuses them
    (value) => value.length <= MAX_LENGTH && !/[\x00-\x1f\x7f\ufffd]/.test(value),
  );
  return prepared !== null && isUsable ? environment : null;
}

/** What a service had in NODE_OPTIONS itself, if it was started with the probe. */
export function ownNodeOptions(value: string | null, probes: string): string | null {
  const { NODE_OPTIONS: ours = '' } = prepareWorker('node', null, { env: {}, probes })?.variables ?? {};
  if (value === null || value === ours) return null;
  return value.startsWith(`${ours} `) ? value.slice(ours.length + 1) : value;
}

/** The file of `EnvironmentFile=` (systemd.exec(5)): in double quotes, a backslash escapes these. */
export function environmentFile(environment: UnitEnvironment): string {
  return Object.entries(environment)
    .map(([name, value]) => `${name}="${value.replaceAll(/["\\`$]/g, '\\$&')}"\n`)
    .join('');
}
