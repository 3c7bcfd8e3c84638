import type { Hint } from '../hint.ts';
import { line } from './safe-text.ts';

/** For a state directory without an app. */
export function noApps(stateDir: string, hint: Hint): string {
  return [
    `No app is monitored yet (checked ${line(stateDir)}).`,
    `Run your app under crashmon:  ${hint('run', '--', 'node', 'server.js')}`,
    '',
  ].join('\n');
}
