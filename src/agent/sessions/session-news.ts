import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { type KeptDump, listDumps } from '../../dumps/list-dumps.ts';
import { MOST_DUMPS, type PublicDump } from '../../model/public-session.ts';
import type { WantedDump } from '../../model/sealed-dump.ts';
import { sessionState } from '../../policy/session-state.ts';
import type { Sessions } from '../../privacy/public-sessions.ts';
import { publishDump, publishSession } from '../../privacy/publish-session.ts';
import type { Clock } from '../clock.ts';
import type { Memory } from '../memory.ts';

type Parts = { app: string; instance: string; memory: Memory; clock: Clock };
type Listed = { changedMs: number; dumps: readonly KeptDump[] };

/** What the portal learns of the sessions and dumps of an app. */
export class SessionNews {
  readonly #parts: Parts;
  /** By store: read again when its directory has changed. */
  readonly #listed = new Map<string, Listed>();
  /** null while it is not known which dumps are kept. */
  #dumps: PublicDump[] | null = null;
  /** Those of them that the portal may have, by the uid of the crash: the path of each. */
  #offered = new Map<string, string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** As far as stores were looked into. */
  read(): Sessions {
    const { memory, clock } = this.#parts;
    const record = memory.read((journal) => journal.session());
    if (record === null) return {};
    return {
      session: publishSession(record, sessionState(record, clock())),
      ...(this.#dumps === null ? {} : { dumps: this.#dumps }),
    };
  }

  /** Looks into the stores, of which each can be on a slow disk. */
  async look(): Promise<void> {
    const { app, instance, memory } = this.#parts;
    const stores = memory.read((journal) => journal.dumpStores()) ?? [];
    const all: KeptDump[] = [];
    for (const store of stores.filter(isAbsolute)) {
      const dumps = await this.#list(store);
      if (dumps === null) {
        // Nothing is known to be deleted.
        this.#dumps = null;
        return;
      }
      all.push(...dumps.filter(({ facts }) => facts.app === app && facts.instance === instance));
    }
    const newest = all
      .toSorted((one, other) => other.facts.keptAtMs - one.facts.keptAtMs)
      .slice(0, MOST_DUMPS);
    this.#dumps = newest.map(({ facts }) => publishDump(facts));
    this.#offered = new Map(
      newest
        .filter(({ facts, isStored }) => facts.portal && facts.encryption === 'age' && !isStored)
        .map(({ facts, path }) => [publishDump(facts).crashUid, path]),
    );
  }

  /** Of what the portal wants, what its session lets it have. */
  offered(wanted: readonly WantedDump[]): (WantedDump & { path: string })[] {
    return wanted.flatMap((each) => {
      const path = this.#offered.get(each.crashUid);
      return path === undefined ? [] : [{ ...each, path }];
    });
  }

  /** null if it cannot be looked into. */
  async #list(store: string): Promise<readonly KeptDump[] | null> {
    try {
      const { mtimeMs: changedMs } = await stat(store);
      const before = this.#listed.get(store);
      if (before?.changedMs === changedMs) return before.dumps;
      const dumps = await listDumps(store);
      this.#listed.set(store, { changedMs, dumps });
      return dumps;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : null;
    }
  }
}
