import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import type { AppSettings, HostSettings } from '../../host/host-settings.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { CliContext } from '../context.ts';
import { keyOf } from '../options/environment.ts';
import { isJsonLog } from '../options/log-options.ts';
import { notifyPlan } from '../options/notify-plan.ts';
import { stateDirIfAny } from '../options/state-dir-option.ts';
import { uplinkPlan } from '../options/uplink-plan.ts';
import { type AgentFlags, commonKeys, SECRET_KEYS, sectionKeys } from './agent-options.ts';
import { environmentEntries } from './environment-entries.ts';
import { layered } from './layers.ts';
import { readValues, type Values } from './read-values.ts';
import { readSettingsEntries, type SettingsEntry } from './settings-entries.ts';
import { readSettingsFile } from './settings-file.ts';

type SettingsContext = Pick<CliContext, 'env' | 'uid'>;

/** Settings, and what the operator should know of them; or all reasons why they cannot be used. */
export type ReadSettings =
  | { settings: HostSettings; warnings: string[]; file: { path: string; exists: boolean } }
  | { problems: string[] };

/** Of the file, over it those of the environment, over both the flags. Can be called again after a change of the file. */
export function readHostSettings(command: Command, context: SettingsContext): ReadSettings {
  const config: unknown = command.opts().config ?? (context.env.CRASHMON_CONFIG || undefined);
  const file = typeof config === 'string' ? config : usualFile(context);
  const problems: string[] = [];
  const warnings: string[] = [];
  const keys = commonKeys(command);
  const content = readFile(file, config !== undefined, context, problems);
  const entries = content ?? [];
  const common = readValues(
    entries.filter(({ app }) => app === null),
    keys,
    problems,
  );
  const sections = new Map<string, Values>();
  for (const name of new Set(entries.flatMap(({ app }) => app ?? []))) {
    const own = entries.filter(({ app }) => app === name);
    sections.set(name, readValues(own, sectionKeys(command), problems, keys));
  }
  const ofFile = problems.splice(0).map((problem) => `${file}: ${problem}`);
  const fromEnvironment = readValues(environmentEntries(keys, context.env, warnings), keys, problems);
  const flags = flagsOf(command, keys, problems);
  const all = layered(usualValues(keys), common, fromEnvironment, flags);
  const plan = (name: string | null) => {
    const section = name === null ? {} : (sections.get(name) ?? {});
    const values = layered(usualValues(keys), common, section, fromEnvironment, flags);
    try {
      const { notes, ...app } = appSettings(name ?? '', values as AgentFlags, context);
      warnings.push(...notes.filter((note) => !warnings.includes(note)));
      return app;
    } catch (error) {
      if (!(error instanceof CrashmonError)) throw error;
      problems.push(name === null ? error.message : `${file}: [apps.${name}]: ${error.message}`);
      return null;
    }
  };
  const usual = plan(null);
  const apps = new Map([...sections.keys()].map((name) => [name, plan(name)]));
  if (usual === null || ofFile.length + problems.length > 0) return { problems: [...ofFile, ...problems] };
  const { include = [], exclude = [], watch = [], ...rest } = all as AgentFlags;
  return {
    settings: {
      discovery: { all: rest.all === true, include, exclude, watch },
      stateDir: stateDirIfAny(rest.stateDir, context),
      say: isJsonLog(rest) ? 'json' : rest.quiet ? 'problems' : 'all',
      ofApp: (name) => apps.get(name) ?? { ...usual, app: name },
    },
    warnings,
    file: { path: file, exists: content !== null },
  };
}

function readFile(
  file: string,
  isNamed: boolean,
  { uid }: SettingsContext,
  problems: string[],
): readonly SettingsEntry[] | null {
  const content = readSettingsFile(file, uid);
  if (content === null) {
    if (isNamed) problems.push('there is no such file: check the path of --config');
    return null;
  }
  if ('problem' in content) {
    problems.push(content.problem);
    return [];
  }
  const read = readSettingsEntries(content.text);
  problems.push(...read.problems);
  for (const { key, at } of content.isPrivate ? [] : read.entries) {
    if (!SECRET_KEYS.includes(key)) continue;
    problems.push(`${at}${key} is a secret, and other users can read this file: run \`chmod 600 ${file}\``);
  }
  return read.entries;
}

/** @throws CrashmonError BAD_OPTION for values that contradict each other */
function appSettings(
  name: string,
  flags: AgentFlags,
  { env }: SettingsContext,
): AppSettings & { notes: readonly string[] } {
  // What belongs to crashmon was read already; OpenTelemetry's own variables are read on request.
  const others = Object.fromEntries(Object.entries(env).filter(([key]) => !key.startsWith('CRASHMON_')));
  const { uplink, headers, appVersion, problems } = uplinkPlan(flags, null, { env: others });
  const { notify, secrets, problems: more } = notifyPlan(flags, appVersion, { env: others });
  return {
    app: flags.name ?? name,
    instance: flags.instance ?? hostname(),
    isEnabled: flags.enabled !== false,
    policy: { armAfter: flags.armAfter, windowMs: flags.window, cooldownMs: flags.cooldown },
    attachDebugger: flags.debugger,
    dropIn: flags.dropIn === true,
    children: flags.children ?? [],
    uplink,
    uplinkHeaders: headers,
    notify,
    notifySecrets: secrets,
    notes: [...problems, ...more],
  };
}

function usualValues(keys: readonly Option[]): Values {
  return Object.fromEntries(
    keys.flatMap((option) => {
      const usual = option.negate ? true : option.defaultValue;
      return usual === undefined ? [] : [[option.attributeName(), usual]];
    }),
  );
}

function flagsOf(command: Command, keys: readonly Option[], problems: string[]): Values {
  const given = keys.filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli');
  for (const option of given) {
    if (!SECRET_KEYS.includes(keyOf(option))) continue;
    problems.push(
      `--${keyOf(option)} is a secret, and any user can read arguments: write it into the settings file.`,
    );
  }
  return Object.fromEntries(
    given.map((option) => [option.attributeName(), command.getOptionValue(option.attributeName())]),
  );
}

/** An agent without privileges has settings of its own. */
function usualFile({ env, uid }: SettingsContext): string {
  if (uid === 0) return '/etc/crashmon/agent.toml';
  return join(env.XDG_CONFIG_HOME || join(env.HOME || '/', '.config'), 'crashmon', 'agent.toml');
}
