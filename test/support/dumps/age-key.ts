import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** A pair of keys that age(1) makes. */
export function ageKey(directory: string): { identity: string; recipient: string } {
  const identity = path.join(directory, 'key.txt');
  execFileSync('age-keygen', ['-o', identity], { stdio: 'ignore' });
  const recipient = execFileSync('age-keygen', ['-y', identity], { encoding: 'utf8' }).trim();
  return { identity, recipient };
}
