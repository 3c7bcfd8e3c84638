import type { AgentOptions } from '../../agent/agent-options.ts';

/** Passes secret headers to the agent: other users can read arguments. */
export const UPLINK_HEADERS = 'CRASHMON_UPLINK_HEADERS';

/** Variables with uplink secrets: no worker and no tool inherits them. */
const SECRETS = ['CRASHMON_PORTAL_TOKEN', 'CRASHMON_OTLP_HEADERS', UPLINK_HEADERS];

export function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !SECRETS.includes(name)));
}

/** Removes the headers and every other uplink secret from the agent's environment. */
export function takeHeaders(env: NodeJS.ProcessEnv): AgentOptions['uplinkHeaders'] {
  const text = env[UPLINK_HEADERS];
  for (const name of SECRETS) delete env[name];
  try {
    return text === undefined ? {} : JSON.parse(text);
  } catch {
    // Not set by crashmon.
    return {};
  }
}
