import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { ENVIRONMENT_MARKS, type ProcessFacts } from '../model/process-facts.ts';
import { readCommandLine, readExecutable } from './process-info.ts';

/** null if it has ended, or is a zombie. */
export function readProcessFacts(pid: number): ProcessFacts | null {
  const args = readCommandLine(pid);
  if (args.length === 0) return null;
  return { program: basename(readExecutable(pid) ?? args[0] ?? ''), args, marks: readMarks(pid) };
}

/** Of the environment only these names are looked for; values are not kept. */
function readMarks(pid: number): Set<string> {
  try {
    const text = `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`;
    return new Set(ENVIRONMENT_MARKS.filter((name) => text.includes(`\0${name}=`)));
  } catch {
    return new Set();
  }
}
