import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { listJournals } from '../../../src/journal/list-journals.ts';
import { listPrivateLogs, readPrivateLog } from '../../../src/journal/private-log.ts';

/** Every file below a directory as it is, and every value in the SQLite databases among them; of big values the pages are apart. */
export function storedBytes(directory: string, isWanted: (name: string) => boolean = () => true): Buffer[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => path.join(parentPath, name))
    .filter((file) => isWanted(path.relative(directory, file)));
  return files.flatMap((file) => {
    const bytes = readFileSync(file);
    const isDatabase = bytes.subarray(0, 15).toString('latin1') === 'SQLite format 3';
    return [Buffer.from(file), bytes, ...(isDatabase ? rowsOf(file) : [])];
  });
}

function rowsOf(file: string): Buffer[] {
  using database = new DatabaseSync(file, { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  return tables.flatMap(({ name }) => {
    const rows = database.prepare(`SELECT * FROM "${name}"`);
    rows.setReadBigInts(true);
    return rows.all().map((row) => joined(Object.values(row)));
  });
}

/** The values of a row. */
export function joined(values: readonly unknown[]): Buffer {
  return Buffer.concat(values.flatMap((value) => [bytesOf(value), Buffer.from('\n')]));
}

function bytesOf(value: unknown): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value);
  return Buffer.from(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

/**
 * What a state directory has outside of private logs, of captures that are not reported yet and of the facts beside a kept dump, which
 * name its program; without the directory of the app, to which the journal makes paths relative.
 */
export function stateBytes(stateDir: string, appRoot: string): Buffer[] {
  const isWanted = (name: string) => !/\/(?:crashdumps|raw)\/|\/dumps\/[0-9a-f]{12}\.json$/.test(name);
  return storedBytes(stateDir, isWanted).map((each) =>
    Buffer.from(withoutRoot(each.toString('latin1'), appRoot), 'latin1'),
  );
}

/** A page of the database can end in it; then the rest of it is in another page. */
function withoutRoot(text: string, appRoot: string): string {
  const [first = '', ...parts] = text.split('"appRoot":"');
  const rests = new Set<string>();
  const cut = parts.map((part) => {
    let length = 0;
    while (length < appRoot.length && part[length] === appRoot[length]) length++;
    if (length < appRoot.length) rests.add(`${appRoot.slice(length)}"`);
    return part.slice(length);
  });
  return [...rests].reduce((left, rest) => left.replaceAll(rest, ''), [first, ...cut].join('"appRoot":"'));
}

export function privateLogs(stateDir: string, by: 'app' | 'instance'): Map<string, string[]> {
  return new Map(
    listJournals(stateDir).map((location) => [
      location[by],
      listPrivateLogs(location.directory).map(({ id }) => readPrivateLog(location.directory, id) ?? ''),
    ]),
  );
}
