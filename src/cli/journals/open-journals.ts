import { type HostStatus, readHostStatus } from '../../host/host-status.ts';
import type { JournalReader } from '../../journal/journal-reader.ts';
import { type JournalLocation, listJournals } from '../../journal/list-journals.ts';
import { openJournalReadOnly } from '../../journal/open-journal-read-only.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { CliContext } from '../context.ts';
import { type Hint, hintFor } from '../hint.ts';
import type { JournalOptions } from '../options/journal-options.ts';
import { stateDirOf } from '../options/state-dir-option.ts';
import { clip } from '../render/layout.ts';
import { line } from '../render/safe-text.ts';

const SHOWN_NAMES = 10;

export type OpenJournal = JournalLocation & { reader: JournalReader };

/** The selected journals, open until disposed. */
export type OpenJournals = Disposable & {
  stateDir: string;
  journals: OpenJournal[];
  hint: Hint;
  /** What crashmon agent says of the services that it knows; null if there was none. */
  host: HostStatus | null;
};

/**
 * Opens what `--app` and `--instance` select. An unreadable journal is a line on standard error, and an error only if no
 * journal can be read. An app that crashmon agent watches has no journal before its first crash.
 * @throws CrashmonError NO_SUCH_APP with the existing names
 */
export function openJournals(options: JournalOptions, context: CliContext): OpenJournals {
  const stateDir = stateDirOf(options.stateDir, context);
  const host = readHostStatus(stateDir);
  const all: OpenJournal[] = [];
  const problems: { location: JournalLocation; error: unknown }[] = [];
  const close = () => {
    for (const { reader } of all) reader.close();
  };
  try {
    for (const location of listJournals(stateDir)) {
      try {
        const reader = openJournalReadOnly(location.directory);
        if (reader !== null) all.push({ ...location, ...reader.identity(), reader });
      } catch (error) {
        problems.push({ location, error });
      }
    }
    const journals = all.filter((journal) => matches(journal, options));
    const relevant = problems.filter(({ location }) => matches(location, options));
    const first = relevant[0];
    if (journals.length === 0 && first !== undefined) throw first.error;
    if (journals.length === 0) refuseUnknown(all, watchedApps(host), options, stateDir);
    for (const { location, error } of relevant) {
      const reason = error instanceof Error ? error.message : String(error);
      context.stderr.write(`crashmon: ${line(`${location.app} on ${location.instance}: ${reason}`)}\n`);
    }
    return { stateDir, journals, host, hint: hintFor(options, context), [Symbol.dispose]: close };
  } catch (error) {
    close();
    throw error;
  }
}

/** With the instance only if the journals have several. */
export function labelOf({ app, instance }: JournalLocation, journals: readonly JournalLocation[]): string {
  return line(journals.some((other) => other.instance !== instance) ? `${app}@${instance}` : app);
}

function matches(location: JournalLocation, { app, instance }: JournalOptions): boolean {
  return (
    (app === undefined || app === location.app) && (instance === undefined || instance === location.instance)
  );
}

/** Apps that crashmon agent watches. */
export function watchedApps(host: HostStatus | null): string[] {
  const watched = host?.services.filter(({ isWatched }) => isWatched) ?? [];
  return [...new Set(watched.map(({ app }) => app))];
}

function refuseUnknown(
  all: readonly OpenJournal[],
  watched: readonly string[],
  { app, instance }: JournalOptions,
  stateDir: string,
): void {
  if (app === undefined && instance === undefined) return;
  if (app === '' || instance === '') {
    throw new CrashmonError('BAD_OPTION', `The ${app === '' ? 'app' : 'instance'} name is empty.`);
  }
  if (app !== undefined && instance === undefined && watched.includes(app)) return;
  const ofApp = all.filter((journal) => app === undefined || journal.app === app);
  const wanted = ofApp.length === 0 ? `app named ${clipped(app)}` : `instance named ${clipped(instance)}`;
  const names =
    ofApp.length === 0
      ? [...all.map((journal) => journal.app), ...watched]
      : ofApp.map((journal) => journal.instance);
  const known = listed(names);
  const rest =
    known === ''
      ? `: no app is monitored yet in ${stateDir}`
      : `; ${ofApp.length === 0 ? 'apps' : 'instances'}: ${known}`;
  throw new CrashmonError('NO_SUCH_APP', line(`No ${wanted}${rest}.`));
}

/** A given name, as an error message repeats it. */
export function clipped(name = ''): string {
  return clip(name, 60);
}

/** Distinct names, the first few. */
export function listed(names: readonly string[]): string {
  const different = [...new Set(names)];
  const more = different.length - SHOWN_NAMES;
  const shown = different.slice(0, SHOWN_NAMES).map(clipped).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}
