import { fingerprint } from '../formats/fingerprint.ts';
import type { AgentOptions } from './agent-options.ts';

/** Fingerprint by which a successor tells whether an orphan runs what it would start itself. */
export function hashCommand({ command, cwd }: Pick<AgentOptions, 'command' | 'cwd'>): string {
  return fingerprint(JSON.stringify([cwd, command]));
}
