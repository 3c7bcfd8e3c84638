import { fingerprint } from '../formats/fingerprint.ts';
import type { AgentOptions } from './agent-options.ts';

/** Identifies the command: a successor adopts an orphan only if it would start the same. */
export function hashCommand({ command, cwd }: Pick<AgentOptions, 'command' | 'cwd'>): string {
  return fingerprint(JSON.stringify([cwd, command]));
}
