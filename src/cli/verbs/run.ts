import { hostname } from 'node:os';
import { type Command, Option } from 'commander';
import {
  type AgentOptions,
  type AgentSecrets,
  KILL_MODES,
  type KillMode,
  RESTART_MODES,
} from '../../agent/agent-options.ts';
import { type AppIdentity, identifyApp } from '../../agent/identify/app-identity.ts';
import { debuggerSwitch, killSwitch } from '../../policy/kill-switch.ts';
import type { RestartLimit } from '../../policy/restart-limit.ts';
import type { RestartMode } from '../../policy/should-restart.ts';
import type { CliContext } from '../context.ts';
import { hintParts } from '../hint.ts';
import { fillFromEnvironment } from '../options/environment.ts';
import { addLogOptions, isJsonLog, type LogFlags } from '../options/log-options.ts';
import { addNotifyOptions, type NotifyFlags, notifyPlan } from '../options/notify-plan.ts';
import { childrenValue, choiceValue, nameValue, restartLimitValue } from '../options/option-values.ts';
import { addPolicyOptions, durationOption, type PolicyFlags } from '../options/policy-options.ts';
import { stateDirIfAny } from '../options/state-dir-option.ts';
import { addUplinkOptions, type UplinkFlags, uplinkPlan } from '../options/uplink-plan.ts';
import { wantsColors } from '../render/wants-colors.ts';
import { becomeAgent } from '../start/become-agent.ts';
import type { SupervisionPlan } from '../start/supervise.ts';

type RunOptions = UplinkFlags &
  NotifyFlags &
  PolicyFlags &
  LogFlags & {
    name?: string;
    instance?: string;
    restart: RestartMode;
    restartDelay: number;
    restartDelayMax: number;
    maxRestarts?: RestartLimit;
    stopTimeout: number;
    killMode: KillMode;
    children?: string[];
    stderrTap: boolean;
    debugger: boolean;
    hurry?: boolean;
    quiet?: boolean;
    stateDir?: string;
  };

/** Node's timers fire at once for a longer delay (25 days). */
const MAX_TIMER_MS = 2 ** 31 - 1;

const HELP = `
Examples:
  crashmon run -- node server.js
  crashmon run --name shop --restart always -- npm start
  crashmon run --arm-after 0 --cooldown 0 -- node server.js
                        captures every crash
  crashmon run --notify smtp://mail.example.com --mail-to ops@example.com \\
    -- npm start        sends mail when it crashes, and why
  crashmon run --restart never -- node server.js
                        leaves restarts to systemd or PM2
  crashmon run --portal https://crashes.example.org --portal-token-file shop.token \\
    -- node server.js   sends crash records to this portal

Durations are written 100ms, 30s, 10m, 24h, 7d or 0.
Exit code: that of the worker; if a signal killed it, crashmon exits by the same
signal. 126 or 127: the command cannot be started. 2: usage error.
Environment: each option has a variable, such as CRASHMON_ARM_AFTER of
--arm-after and CRASHMON_DEBUGGER=off of --no-debugger; options come before it.
CRASHMON_ENABLED=false or WEBSITE_PROACTIVE_CRASHMONITORING_ENABLED=FALSE
switches monitoring off. CRASHMON_PORTAL_TOKEN, CRASHMON_OTLP_HEADERS,
CRASHMON_SMTP_PASSWORD and CRASHMON_WEBHOOK_SECRET hold secrets.`;

export function addRun(program: Command, context: CliContext): void {
  const command = program
    .command('run')
    .summary('Run a web app, restart it when it crashes, and find out why')
    .description(
      'Runs a command as a supervisor: passes signals, standard input and output through, and restarts the ' +
        'command after a crash. After more than --arm-after crashes within --window, the next worker is ' +
        'armed: its crash is captured with its call stack. Crashes of native code are captured by a ' +
        'debugger (gdbserver), if it is installed and can attach.',
    )
    .argument('<command...>', 'the command of the worker and its arguments, after --')
    .option('--name <app>', 'name of the app (default: from package.json or the command)', nameValue)
    .option('--instance <name>', 'name of this instance (default: the host name)', nameValue);
  addPolicyOptions(command)
    .option('--restart <when>', 'always, on-crash or never', choiceValue(RESTART_MODES), 'on-crash')
    .addOption(durationOption('--restart-delay', 'first delay before a restart; 0: none', '100ms'))
    .addOption(durationOption('--restart-delay-max', 'longest delay; the delay doubles up to this', '30s'))
    .option(
      '--max-restarts <n/duration>',
      'exit with the worker after more restarts than this, e.g. 5/10m',
      restartLimitValue,
    )
    .addOption(durationOption('--stop-timeout', 'time from the stop signal to SIGKILL', '10s'))
    .option(
      '--kill-mode <mode>',
      'what to end at a stop: control-group or process',
      choiceValue(KILL_MODES),
      KILL_MODES[0],
    )
    .option(
      '--children <name>',
      'count crashes of processes of this name below the worker, too (repeatable)',
      childrenValue,
    )
    .option('--no-stderr-tap', 'do not read standard error; exits are then explained without it')
    .option('--no-debugger', 'do not attach a debugger to armed workers (CRASHMON_DEBUGGER=off)')
    .addOption(new Option('--hurry', 'of crashmon demo: analyze at normal priority').hideHelp());
  addNotifyOptions(addUplinkOptions(command)).option('--quiet', 'print problems only');
  addLogOptions(command, 'print events to standard error, one JSON object per line')
    .option('--state-dir <dir>', 'state directory of crashmon (CRASHMON_STATE_DIR)')
    .addHelpText('after', HELP)
    .action((words: string[]) => {
      const problems = fillFromEnvironment(command, context.env);
      return run(words, command.opts<RunOptions>(), problems, context);
    });
}

async function run(
  command: string[],
  options: RunOptions,
  wrong: readonly string[],
  context: CliContext,
): Promise<void> {
  const cwd = workingDirectory();
  const identity = identifyApp(command, cwd, context.env.PWD);
  const { uplink, headers, appVersion, problems } = uplinkPlan(options, identity.version, context);
  const { notify, secrets, problems: more } = notifyPlan(options, appVersion, context);
  const plan: SupervisionPlan = {
    options: { ...toAgentOptions(command, options, identity, context), cwd, uplink, notify },
    problems: [...wrong, ...problems, ...more],
    say: isJsonLog(options) ? 'json' : options.quiet ? 'problems' : 'all',
    colors: wantsColors(context.env, context.stderrIsTerminal),
    hint: hintParts(options, context),
  };
  becomeAgent(plan, { uplinkHeaders: headers, notifySecrets: secrets }, context);
  const { supervise } = await import('../start/supervise.ts');
  await supervise(plan, { uplinkHeaders: headers, notifySecrets: secrets });
}

function toAgentOptions(
  command: string[],
  options: RunOptions,
  identity: AppIdentity,
  context: CliContext,
): Omit<AgentOptions, 'env' | 'inherited' | 'cwd' | 'uplink' | 'notify' | keyof AgentSecrets> {
  return {
    command,
    app: options.name ?? identity.name,
    instance: options.instance ?? hostname(),
    appRoot: identity.root,
    workspaceRoot: identity.workspaceRoot,
    named: options.name !== undefined,
    ...(identity.place === undefined ? {} : { place: identity.place }),
    stateDir: stateDirIfAny(options.stateDir, context),
    uid: context.uid,
    policy: { armAfter: options.armAfter, windowMs: options.window, cooldownMs: options.cooldown },
    restart: options.restart,
    backoff: {
      baseMs: Math.min(options.restartDelay, MAX_TIMER_MS),
      maxMs: Math.min(Math.max(options.restartDelay, options.restartDelayMax), MAX_TIMER_MS),
    },
    restartLimit: options.maxRestarts ?? null,
    stopTimeoutMs: Math.min(options.stopTimeout, MAX_TIMER_MS),
    killMode: options.killMode,
    children: options.children ?? [],
    endsContainer: process.pid === 1 || context.env.CRASHMON_PROCESS_1 !== undefined,
    tapStderr: options.stderrTap,
    hurry: options.hurry ?? false,
    attachDebugger: options.debugger && debuggerSwitch(context.env) === null,
    disabled: killSwitch(context.env),
  };
}

/** A worker can still run in a directory that was removed. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}
