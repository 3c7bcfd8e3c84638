const SWITCHES = ['WEBSITE_PROACTIVE_CRASHMONITORING_ENABLED', 'CRASHMON_ENABLED'] as const;

/**
 * Why monitoring is switched off by the environment, null where it is on. `FALSE` in any case switches it off, and so
 * do `0`, `no` and `off`, which can mean nothing else.
 */
export function killSwitch(env: NodeJS.ProcessEnv): string | null {
  for (const name of SWITCHES) {
    if (isOff(env[name])) return `${name}=${env[name]}`;
  }
  return null;
}

/** Why the environment wants no debugger attached to workers, null where it does not mind. */
export function debuggerSwitch(env: NodeJS.ProcessEnv): string | null {
  const value = env.CRASHMON_DEBUGGER;
  return isOff(value) ? `CRASHMON_DEBUGGER=${value}` : null;
}

function isOff(value: string | undefined): boolean {
  return ['false', '0', 'no', 'off'].includes(value?.trim().toLowerCase() ?? '');
}
