import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AgentOptions, UplinkOptions } from '../../agent/agent-options.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { CliContext } from '../context.ts';
import { ownVersion } from '../start/own-version.ts';
import { endpointOf, headerOf, headersOf, tokenOf } from './uplink-values.ts';

export type UplinkFlags = {
  portal?: string;
  portalTokenFile?: string;
  otlpEndpoint?: string;
  otlpHeader?: Record<string, string>;
  appVersion?: string;
};

/** Where crash records are sent, their credentials, and problems with variables of the environment. */
export type UplinkPlan = {
  uplink: UplinkOptions | null;
  headers: AgentOptions['uplinkHeaders'];
  appVersion: string | null;
  problems: string[];
};

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
  return addTargetOptions(command).addOption(appVersionOption());
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
  if (flags.otlpEndpoint !== undefined) {
    const target = otlpTarget(flags.otlpEndpoint, env, problems);
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
  }
  return {
    ...none,
    uplink: { kind: 'portal', endpoint: portal, tokenFile, ...common },
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  };
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
