import { readFileSync } from 'node:fs';
import { replacePrivateFile } from '../../journal/replace-private-file.ts';
import type { Pm2Process } from './pm2-process.ts';

type Count = { uniqueId: string; restarts: number };

const MAX_BYTES = 1024 * 1024;

/** PM2's counts of restarts as last seen: what they grew by while the agent was away is known as a number. */
export class RestartCounts {
  readonly #path: string | null;
  readonly #counts: Map<string, Count>;

  /** @param path null: only in memory */
  constructor(path: string | null) {
    this.#path = path;
    this.#counts = new Map(Object.entries(read(path)));
  }

  /** Restarts that were not seen. PM2 forgets its count when an app is added again. */
  missed(service: string, { uniqueId, restarts }: Pm2Process): number {
    const last = this.#counts.get(service);
    return last?.uniqueId === uniqueId ? Math.max(0, restarts - last.restarts) : 0;
  }

  note(service: string, { uniqueId, restarts }: Pm2Process): void {
    const last = this.#counts.get(service);
    if (last?.uniqueId === uniqueId && last.restarts >= restarts) return;
    this.#counts.set(service, { uniqueId, restarts });
    if (this.#path === null) return;
    try {
      replacePrivateFile(this.#path, JSON.stringify(Object.fromEntries(this.#counts)));
    } catch {
      // Without it, only the number of what was missed is unknown.
    }
  }
}

function read(path: string | null): Record<string, Count> {
  try {
    const text = path === null ? '{}' : readFileSync(path, 'utf8');
    const counts = text.length > MAX_BYTES ? {} : (JSON.parse(text) as Record<string, Partial<Count>>);
    return Object.fromEntries(
      Object.entries(counts).flatMap(([id, { uniqueId, restarts }]) =>
        typeof uniqueId === 'string' && typeof restarts === 'number' ? [[id, { uniqueId, restarts }]] : [],
      ),
    );
  } catch {
    return {};
  }
}
