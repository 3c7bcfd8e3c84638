import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AgentOptions, UplinkOptions } from '../../agent/agent-options.ts';
import { readToken } from '../../agent/uplink/receiver-of.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { RemoteControl } from '../../model/remote-request.ts';
import type { CliContext } from '../context.ts';
import { ownVersion } from '../start/own-version.ts';
import { choiceValue } from './option-values.ts';
import { endpointOf, headerOf, headersOf, tokenOf } from './uplink-values.ts';

export type UplinkFlags = {
  portal?: string;
  portalTokenFile?: string;
  otlpEndpoint?: string;
  otlpHeader?: Record<string, string>;
  appVersion?: string;
  remoteControl?: 'off' | 'on';
  sessionKey?: string;
  sessionPortalDumps?: 'off' | 'on';
};

/** Where crash records are sent, their credentials, and problems with variables of the environment. */
export type UplinkPlan = {
  uplink: UplinkOptions | null;
  headers: AgentOptions['uplinkHeaders'];
  appVersion: string | null;
  problems: string[];
};

/** Of age. A damaged one encrypts nothing, and then no dump is kept. */
const RECIPIENT = /^age1[02-9ac-hj-np-z]{20,4000}$/;
const SWITCH = ['off', 'on'] as const;
const VERSION = /^[\w.+~:@/-]{1,100}$/;

/** Target and credentials. */
export function addTargetOptions(command: Command): Command {
  return command
    .option('--portal <url>', 'portal for crash records (CRASHMON_PORTAL)', addressValue)
    .option('--portal-token-file <file>', 'file with the portal token (CRASHMON_PORTAL_TOKEN)', resolvedValue)
    .option('--otlp-endpoint <url>', 'OpenTelemetry collector for crash records', otlpValue)
    .option('--otlp-header <name=value>', 'header for the collector (repeatable)', headerValue);
}

/** Those of `run`. */
export function addUplinkOptions(command: Command): Command {
  return addRemoteOptions(addTargetOptions(command)).addOption(appVersionOption());
}

/** What admins of the portal may ask for. */
export function addRemoteOptions(command: Command): Command {
  return command
    .option(
      '--remote-control <off|on>',
      'may admins of the portal start sessions and arm? (default: off)',
      choiceValue(SWITCH),
    )
    .option('--session-key <recipient>', 'age public key for the dumps of such sessions', recipientValue)
    .option(
      '--session-portal-dumps <off|on>',
      'may the portal have these dumps, encrypted? (default: off)',
      choiceValue(SWITCH),
    );
}

export function appVersionOption(): Option {
  return new Option('--app-version <version>', "version of the app (default: package.json's)").argParser(
    versionValue,
  );
}

/**
 * A wrong variable, which many apps can share, does not stop the worker from starting: it is reported as a problem, and
 * nothing is sent.
 * @throws CrashmonError BAD_OPTION for options that contradict each other
 */
export function uplinkPlan(
  flags: UplinkFlags,
  packageVersion: string | null,
  { env }: Pick<CliContext, 'env'>,
): UplinkPlan {
  if (flags.portal !== undefined && flags.otlpEndpoint !== undefined) {
    throw new CrashmonError('BAD_OPTION', 'Give --portal or --otlp-endpoint, not both.');
  }
  const problems: string[] = [];
  const version = appVersion(flags, packageVersion, env);
  const common = { appVersion: version, crashmonVersion: ownVersion() };
  const none: UplinkPlan = { uplink: null, headers: {}, appVersion: version, problems };
  const collector = flags.otlpEndpoint ?? collectorOf(flags, env, problems);
  if (collector !== undefined) {
    const target = otlpTarget(collector, env, problems);
    if (target === null) return none;
    const uplink = { kind: 'otlp', endpoint: target.endpoint, tokenFile: null, ...common } as const;
    return { ...none, uplink, headers: { ...target.headers, ...flags.otlpHeader } };
  }
  const portal = flags.portal ?? portalOf(env, problems);
  if (portal === null) return none;
  const tokenFile = flags.portalTokenFile ?? null;
  const token = tokenFile === null ? tokenOf(env.CRASHMON_PORTAL_TOKEN) : null;
  if (tokenFile === null && token === null) {
    problems.push(
      'The portal accepts nothing without a token: give --portal-token-file or CRASHMON_PORTAL_TOKEN.',
    );
  } else if (tokenFile !== null && readToken(tokenFile) === null) {
    problems.push(
      `No portal token can be read from ${tokenFile}: the portal accepts nothing until it is there.`,
    );
  }
  const remoteControl = remoteControlOf(flags, env, problems);
  return {
    ...none,
    uplink: {
      ...{ kind: 'portal', endpoint: portal, tokenFile, ...common },
      ...(remoteControl === null ? {} : { remoteControl }),
    },
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  };
}

/** null unless it is switched on: what this machine does is said on this machine. */
function remoteControlOf(
  { remoteControl, sessionKey, sessionPortalDumps }: UplinkFlags,
  env: CliContext['env'],
  problems: string[],
): RemoteControl | null {
  const control = remoteControl ?? env.CRASHMON_REMOTE_CONTROL ?? '';
  if (!['', ...SWITCH].includes(control))
    problems.push('CRASHMON_REMOTE_CONTROL is neither on nor off: it is off.');
  if (control !== 'on') return null;
  const recipient = sessionKey ?? env.CRASHMON_SESSION_KEY ?? '';
  if (recipient !== '' && !RECIPIENT.test(recipient)) {
    problems.push('CRASHMON_SESSION_KEY is no age public key: admins of the portal can start no session.');
    return { recipient: null };
  }
  const dumps = sessionPortalDumps === 'on' ? { portalDumps: true } : {};
  return { recipient: recipient === '' ? null : recipient, ...dumps };
}

function recipientValue(text: string): string {
  if (!RECIPIENT.test(text)) throw new InvalidArgumentError('Give an age public key (age1…).');
  return text;
}

function portalOf(env: CliContext['env'], problems: string[]): string | null {
  const value = env.CRASHMON_PORTAL;
  if (value === undefined || value === '') return null;
  const endpoint = endpointOf(value);
  if (endpoint === null) {
    problems.push(
      'No crash records will be sent: CRASHMON_PORTAL is not a URL such as https://crashmon.example.com.',
    );
  }
  return endpoint;
}

/** CRASHMON_OTLP_ENDPOINT, unless a portal is named as well. */
function collectorOf(
  { portal }: UplinkFlags,
  env: CliContext['env'],
  problems: string[],
): string | undefined {
  const text = env.CRASHMON_OTLP_ENDPOINT;
  if (!text || portal !== undefined) return undefined;
  if (env.CRASHMON_PORTAL) {
    problems.push('CRASHMON_OTLP_ENDPOINT is ignored, because CRASHMON_PORTAL is set: set one of them.');
    return undefined;
  }
  const endpoint = text === 'env' ? text : endpointOf(text);
  if (endpoint !== null) return endpoint;
  problems.push('No crash records will be sent: CRASHMON_OTLP_ENDPOINT is not an http URL.');
  return undefined;
}

/** `env` reads OpenTelemetry's own variables. They belong to the app, so they are not read otherwise. */
function otlpTarget(
  given: string,
  env: CliContext['env'],
  problems: string[],
): { endpoint: string; headers: Record<string, string> } | null {
  if (given !== 'env') return { endpoint: given, headers: headersOf(env.CRASHMON_OTLP_HEADERS) };
  const ofLogs = env.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT;
  const endpoint = ofLogs ? endpointOf(ofLogs, '') : endpointOf(env.OTEL_EXPORTER_OTLP_ENDPOINT ?? '');
  if (endpoint === null) {
    problems.push(
      'No crash records will be sent: OTEL_EXPORTER_OTLP_ENDPOINT is missing or not an http URL.',
    );
    return null;
  }
  const headers = env.OTEL_EXPORTER_OTLP_LOGS_HEADERS ?? env.OTEL_EXPORTER_OTLP_HEADERS;
  return { endpoint, headers: { ...headersOf(headers), ...headersOf(env.CRASHMON_OTLP_HEADERS) } };
}

function appVersion(
  flags: UplinkFlags,
  packageVersion: string | null,
  env: CliContext['env'],
): string | null {
  const version = flags.appVersion ?? env.CRASHMON_APP_VERSION ?? packageVersion;
  return version !== null && VERSION.test(version) ? version : null;
}

function addressValue(text: string): string {
  const endpoint = endpointOf(text);
  if (endpoint === null) {
    throw new InvalidArgumentError(
      'Give a URL such as https://crashmon.example.com, without user and query.',
    );
  }
  return endpoint;
}

function otlpValue(text: string): string {
  return text === 'env' ? text : addressValue(text);
}

function headerValue(text: string, before: Record<string, string> = {}): Record<string, string> {
  const header = headerOf(text);
  if (header === null) throw new InvalidArgumentError('Give name=value.');
  return { ...before, [header.name]: header.value };
}

function versionValue(text: string): string {
  if (!VERSION.test(text)) {
    throw new InvalidArgumentError('Give at most 100 letters, digits and the signs . _ + ~ : @ / -');
  }
  return text;
}

function resolvedValue(text: string): string {
  return resolve(text);
}
