import { readdirSync, readFileSync } from 'node:fs';

/**
 * A variable that a process was started with; null if it has none of this name, undefined if that cannot be read. The file is
 * empty while a process executes its program, and while it ends.
 */
export function readVariable(pid: number, name: string): string | null | undefined {
  try {
    const text = readEnvironment(pid);
    if (text === '') return undefined;
    const entries = text.split('\0');
    return entries.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
  } catch {
    return undefined;
  }
}

/** Of a thread that has not ended: the first one can end before the others. */
function readEnvironment(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch (error) {
    const other =
      (error as NodeJS.ErrnoException).code === 'ESRCH' ? readdirSync(`/proc/${pid}/task`)[1] : null;
    if (other == null) throw error;
    return readFileSync(`/proc/${pid}/task/${other}/environ`, 'utf8');
  }
}
