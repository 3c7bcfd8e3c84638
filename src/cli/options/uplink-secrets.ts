import type { AgentOptions } from '../../agent/agent-options.ts';

/** How the agent is told secret headers: its arguments anybody on the machine could read. */
export const UPLINK_HEADERS = 'CRASHMON_UPLINK_HEADERS';

/** Variables that hold secrets of the uplink: no worker and no tool inherits them. */
const SECRETS = ['CRASHMON_PORTAL_TOKEN', 'CRASHMON_OTLP_HEADERS', UPLINK_HEADERS];

export function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !SECRETS.includes(name)));
}

/** Takes the headers out of the agent's own environment, and every other secret with them. */
export function takeHeaders(env: NodeJS.ProcessEnv): AgentOptions['uplinkHeaders'] {
  const text = env[UPLINK_HEADERS];
  for (const name of SECRETS) delete env[name];
  try {
    return text === undefined ? {} : JSON.parse(text);
  } catch {
    // Not from us.
    return {};
  }
}
