import { DUMP_EXTENSIONS, type DumpFacts } from '../model/dump.ts';

type NamedBy = Pick<DumpFacts, 'crash' | 'encryption' | 'kind'>;

const CRASH = '[0-9a-f]{12}';
const DUMP = new RegExp(`^(${CRASH})\\.(?:${Object.values(DUMP_EXTENSIONS).join('|')})\\.zst(?:\\.age)?$`);
const FACTS = new RegExp(`^(${CRASH})\\.json$`);
const NOTE = new RegExp(`^(${CRASH})\\.(?:stored|trouble)$`);
const TEMPORARY = new RegExp(`^\\.(${CRASH})\\.(\\d{1,10})\\.(core|json)\\.tmp$`);

export function dumpName({ crash, encryption, kind }: NamedBy): string {
  return `${crash}.${DUMP_EXTENSIONS[kind]}.zst${encryption === 'age' ? '.age' : ''}`;
}

export function factsName(crash: string): string {
  return `${crash}.json`;
}

/** `stored`: it is, or can be, in the bucket. `trouble`: why it was not moved there, or not deleted. */
export function noteName(crash: string, note: 'stored' | 'trouble'): string {
  return `${crash}.${note}`;
}

/** With the process that writes it. */
export function temporaryName(crash: string, what: 'core' | 'json', pid: number): string {
  return `.${crash}.${pid}.${what}.tmp`;
}

/** What a file in a store is by its name; null: not ours. */
export function fileOf(
  name: string,
):
  | { type: 'dump' | 'facts' | 'note'; crash: string }
  | { type: 'temporary'; crash: string; pid: number; what: string }
  | null {
  const dump = DUMP.exec(name)?.[1];
  if (dump !== undefined) return { type: 'dump', crash: dump };
  const facts = FACTS.exec(name)?.[1];
  if (facts !== undefined) return { type: 'facts', crash: facts };
  const note = NOTE.exec(name)?.[1];
  if (note !== undefined) return { type: 'note', crash: note };
  const [, crash, pid, what] = TEMPORARY.exec(name) ?? [];
  if (crash === undefined || what === undefined) return null;
  return { type: 'temporary', crash, pid: Number(pid), what };
}
