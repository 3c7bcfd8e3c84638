import { NOTIFY_SECRET_VARIABLES } from './notify-secrets.ts';
import { withoutSecrets } from './uplink-secrets.ts';

/**
 * The environment that the worker would have without crashmon: NODE_OPTIONS, which is meant for the worker, was moved
 * out of crashmon's own way (by `./crashmon`, or before the agent was started), and what the launcher tells the CLI is
 * for nobody else, and neither is what proves to a portal or
 * a mail server who sends.
 */
export function outerEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const all = Object.entries(withoutSecrets(own)).filter(([name]) => !NOTIFY_SECRET_VARIABLES.includes(name));
  const {
    CRASHMON_NODE_OPTIONS: nodeOptions,
    CRASHMON_COMMAND: _,
    ...env
  }: NodeJS.ProcessEnv = Object.fromEntries(all);
  return nodeOptions === undefined ? env : { ...env, NODE_OPTIONS: nodeOptions };
}
