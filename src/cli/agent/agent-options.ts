import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseWatchRule, type WatchRule } from '../../host/discover/watch-rule.ts';
import { keyOf } from '../options/environment.ts';
import { addLogOptions, type LogFlags } from '../options/log-options.ts';
import { addNotifyOptions, type NotifyFlags } from '../options/notify-plan.ts';
import { childrenValue, nameValue } from '../options/option-values.ts';
import { addPolicyOptions, type PolicyFlags } from '../options/policy-options.ts';
import {
  addRemoteOptions,
  addTargetOptions,
  appVersionOption,
  type UplinkFlags,
} from '../options/uplink-plan.ts';

/** Flags of `crashmon agent`, and keys of its settings file: the same names. */
export type AgentFlags = UplinkFlags &
  NotifyFlags &
  PolicyFlags &
  LogFlags & {
    all?: boolean;
    include?: string[];
    exclude?: string[];
    watch?: WatchRule[];
    instance?: string;
    debugger: boolean;
    dropIn?: boolean;
    children?: string[];
    quiet?: boolean;
    stateDir?: string;
    /** Of the section of an app. */
    enabled?: boolean;
    name?: string;
  };

/** Flags that are no keys of the file. */
const FLAGS_ONLY: readonly string[] = ['config', 'check-config', 'help'];
/** Keys that hold secrets: any user can read arguments. */
export const SECRET_KEYS: readonly string[] = ['webhook', 'otlp-header'];

export function addAgentOptions(command: Command): Command {
  command
    .option('--all', 'watch all services, not only web workers')
    .option('--include <glob>', 'watch only services with such a name (repeatable)', globValue)
    .option('--exclude <glob>', 'do not watch services with such a name (repeatable)', globValue)
    .option(
      '--watch <name=command>',
      'watch processes with such a command line (a glob), or name=unit:UNIT (repeatable)',
      watchValue,
    )
    .option('--instance <name>', 'name of this instance (default: the host name)', nameValue);
  addPolicyOptions(command)
    .option(
      '--children <name>',
      'count crashes of processes of this name below a service, too (repeatable)',
      childrenValue,
    )
    .option('--no-debugger', 'do not attach a debugger (CRASHMON_DEBUGGER=off)')
    .option('--drop-in', 'have systemd restart crashed Node.js units with the probe');
  addNotifyOptions(addRemoteOptions(addTargetOptions(command)))
    .option('--config <file>', 'settings file (default: /etc/crashmon/agent.toml)')
    .option('--check-config', 'check the settings and exit')
    .option('--quiet', 'print problems only');
  addLogOptions(command, 'print events as JSON, one object per line').option(
    '--state-dir <dir>',
    'state directory of crashmon (CRASHMON_STATE_DIR)',
  );
  for (const option of command.options) if (SECRET_KEYS.includes(keyOf(option))) option.hideHelp();
  return command;
}

/** The options that are keys above all sections. */
export function commonKeys(command: Command): Option[] {
  return command.options.filter((option) => !FLAGS_ONLY.includes(keyOf(option)));
}

/** The options that are keys of the section of an app. */
export function sectionKeys(command: Command): Option[] {
  const ofAgent = ['all', 'include', 'exclude', 'watch', 'quiet', 'json', 'log-format', 'state-dir'];
  return [
    new Option('--enabled', 'false: do not watch it'),
    new Option('--name <app>', 'name of the app').argParser(nameValue),
    appVersionOption(),
    ...commonKeys(command).filter((option) => !ofAgent.includes(keyOf(option))),
  ];
}

function globValue(text: string, before: string[] = []): string[] {
  if (text === '' || text.length > 200) throw new InvalidArgumentError('Give a name such as shop or shop-*.');
  return [...before, text];
}

function watchValue(text: string, before: WatchRule[] = []): WatchRule[] {
  const rule = parseWatchRule(text);
  if (rule === null) {
    throw new InvalidArgumentError("Give name=command or name=unit:UNIT, such as 'shop=node */server.js'.");
  }
  return [...before, rule];
}
