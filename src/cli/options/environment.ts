import type { Command, Option } from 'commander';
import { debuggerSwitch } from '../../policy/kill-switch.ts';

/** Given once for each value; their variables hold a list, separated by commas. */
export const REPEATABLE: readonly string[] = [
  ...['include', 'exclude', 'watch', 'children', 'mail-to', 'otlp-header', 'trusted-proxy'],
];

/** Options that have no variable: they are of one call. */
export const OF_ONE_CALL: readonly string[] = ['help', 'check-config', 'hurry'];

/** Their variables are older than the rule, and are read where their values are used, with their secrets. */
const READ_WITH_SECRETS: readonly string[] = [
  ...['portal', 'otlp-endpoint', 'otlp-header', 'app-version', 'remote-control', 'session-key'],
  ...['notify', 'mail-to', 'mail-from', 'webhook', 'smtp', 'debugger', 'state-dir', 'data-dir', 'database'],
];

/** Kubernetes sets CRASHMON_PORT to such an address where a Service is named crashmon. */
const OF_SERVICE = /^(?:tcp|udp|sctp):\/\//;

/** `arm-after`; that of `--no-debugger` is `debugger`. */
export function keyOf({ long }: Option): string {
  return (long ?? '').replace(/^--(?:no-)?/, '');
}

/** `CRASHMON_ARM_AFTER` of `--arm-after`, `CRASHMON_DEBUGGER` of `--no-debugger`. */
export function variableOf(option: Option): string {
  const name = keyOf(option).toUpperCase().replaceAll('-', '_');
  return name === 'OTLP_HEADER' ? 'CRASHMON_OTLP_HEADERS' : `CRASHMON_${name}`;
}

/** The text of an option's variable as a settings file would have it; undefined if it is not set. */
export function entryOf(
  option: Option,
  env: Readonly<Record<string, string | undefined>>,
): boolean | string | string[] | undefined {
  const text = env[variableOf(option)];
  if (text === undefined || text === '' || OF_SERVICE.test(text)) return undefined;
  // It can also name how to attach.
  if (keyOf(option) === 'debugger') return debuggerSwitch(env) === null ? undefined : false;
  if (option.negate || !option.required) return switchOf(text) ?? text;
  if (!REPEATABLE.includes(keyOf(option))) return text;
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/**
 * Fills the options that were not given on the command line from their variables, except those that are read with their
 * secrets. @param isMeant which of them, by key
 * @returns a sentence for each variable that cannot be used
 */
export function fillFromEnvironment(
  command: Command,
  env: Readonly<Record<string, string | undefined>>,
  isMeant: (key: string) => boolean = () => true,
): string[] {
  const problems: string[] = [];
  for (const option of command.options) {
    const key = keyOf(option);
    if (!isMeant(key) || [...OF_ONE_CALL, ...READ_WITH_SECRETS].includes(key)) continue;
    const name = option.attributeName();
    const source = command.getOptionValueSource(name);
    const entry = entryOf(option, env);
    if (entry === undefined || (source !== undefined && source !== 'default')) continue;
    try {
      command.setOptionValueWithSource(name, readEntry(option, entry), 'env');
    } catch (error) {
      problems.push(`${variableOf(option)} is ignored: ${(error as Error).message}`);
    }
  }
  return problems;
}

function readEntry(option: Option, entry: boolean | string | string[]): unknown {
  if (option.negate || !option.required) {
    if (typeof entry === 'boolean') return entry;
    throw new Error('Write true or false.');
  }
  const { parseArg } = option;
  if (parseArg === undefined) return entry;
  let read: unknown = Array.isArray(entry) ? option.defaultValue : undefined;
  for (const text of [entry].flat()) read = parseArg(String(text), read);
  return read;
}

function switchOf(text: string): boolean | null {
  if (/^(?:1|true|on|yes)$/i.test(text)) return true;
  return /^(?:0|false|off|no)$/i.test(text) ? false : null;
}
