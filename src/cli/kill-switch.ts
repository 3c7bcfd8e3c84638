const SWITCHES = ['WEBSITE_PROACTIVE_CRASHMONITORING_ENABLED', 'CRASHMON_ENABLED'] as const;

/**
 * Why monitoring is switched off by the environment, null where it is on. `FALSE` in any case switches it off, and so
 * do `0`, `no` and `off`, which can mean nothing else.
 */
export function killSwitch(env: NodeJS.ProcessEnv): string | null {
  for (const name of SWITCHES) {
    const value = env[name]?.trim().toLowerCase() ?? '';
    if (['false', '0', 'no', 'off'].includes(value)) return `${name}=${env[name]}`;
  }
  return null;
}
