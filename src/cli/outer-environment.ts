import { withoutSecrets } from './uplink-secrets.ts';

/**
 * The environment that the worker would have without crashmon: NODE_OPTIONS, which is meant for the worker, was moved
 * out of crashmon's own way (by `./crashmon`, or before the agent was started), and what the launcher tells the CLI is
 * for nobody else, and neither is what proves to a portal who sends.
 */
export function outerEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { CRASHMON_NODE_OPTIONS: nodeOptions, CRASHMON_COMMAND: _, ...env } = withoutSecrets(own);
  return nodeOptions === undefined ? env : { ...env, NODE_OPTIONS: nodeOptions };
}
