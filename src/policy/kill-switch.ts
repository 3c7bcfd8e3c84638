export const KILL_SWITCHES = ['WEBSITE_PROACTIVE_CRASHMONITORING_ENABLED', 'CRASHMON_ENABLED'] as const;

/**
 * The variable that switches monitoring off, null if none does. Values: `false` in any case (the documented one), `0`,
 * `no`, `off`.
 */
export function killSwitch(env: NodeJS.ProcessEnv): string | null {
  for (const name of KILL_SWITCHES) {
    if (isOff(env[name])) return `${name}=${env[name]}`;
  }
  return null;
}

/** The variable that switches the debugger off, null if it does not. */
export function debuggerSwitch(env: NodeJS.ProcessEnv): string | null {
  const value = env.CRASHMON_DEBUGGER;
  return isOff(value) ? `CRASHMON_DEBUGGER=${value}` : null;
}

function isOff(value: string | undefined): boolean {
  return ['false', '0', 'no', 'off'].includes(value?.trim().toLowerCase() ?? '');
}
