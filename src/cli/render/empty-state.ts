import type { Hint } from '../hint.ts';
import { line } from './safe-text.ts';

/** What to say where no app was ever watched. */
export function noApps(stateDir: string, hint: Hint): string {
  return [
    `No app is watched yet (looked in ${line(stateDir)}).`,
    `Start yours under crashmon:  ${hint('run', '--', 'node', 'server.js')}`,
    '',
  ].join('\n');
}
