import { deleteRaw, listRaw, rawDirectory } from '../journal/raw-capture.ts';
import type { Emit } from './agent-event.ts';
import type { Analyses } from './analyses.ts';
import { hasDeath } from './last-words/death-evidence.ts';
import type { Memory } from './memory.ts';

type SweepParts = { directory: string; memory: Memory; analyses: Analyses; emit: Emit };

/**
 * What a crashmon that was killed left behind: raw captures of exits that were recorded but not reported are reported now; all
 * others are deleted.
 * @param isKept the exit of this run may still be recorded
 */
export function sweepRaw(parts: SweepParts, isKept: (runId: string) => boolean): void {
  const { directory, memory, analyses, emit } = parts;
  let ids: string[] = [];
  try {
    ids = listRaw(directory);
  } catch (error) {
    emit({ event: 'problem', message: (error as Error).message });
  }
  for (const id of ids) {
    if (analyses.has(id)) continue;
    const ended = memory.read((journal) => journal.exitsByPrefix(id))?.[0];
    if (ended === undefined && isKept(id)) continue;
    const isOpen = ended !== undefined && !ended.reported;
    if (isOpen && (ended.captured || hasDeath(rawDirectory(directory, id)))) analyses.resume(ended);
    else sweep(parts, id);
  }
}

function sweep({ directory, emit }: SweepParts, id: string): void {
  try {
    deleteRaw(directory, id);
  } catch (error) {
    emit({ event: 'problem', message: (error as Error).message });
  }
}
