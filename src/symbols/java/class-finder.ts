import type { Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { manifestClassPath } from '../../formats/java-class/manifest-class-path.ts';
import { readClassFile } from '../../formats/java-class/read-class.ts';
import type { VouchingClass } from '../../model/last-words.ts';
import { readRegularFile } from '../regular-file.ts';
import { Archive } from './archive.ts';
import { classPathOf } from './class-path.ts';
import { RuntimeClasses } from './runtime-classes.ts';

const MAX_CLASSES = 500;
const MAX_ARCHIVES = 2_000;
/** Files in all archives: their names are kept. */
const MAX_ENTRIES = 500_000;
const MAX_CLASS_BYTES = 8 * 1024 * 1024;
const MAX_TOTAL_BYTES = 64 * 1024 * 1024;

/** The process whose classes are read. */
export type JavaProgram = { executable: string; args: readonly string[]; cwd: string; seenAtMs: number };

/** Where classes can be: a directory, or an archive with the folders in it. */
type Place = { directory: string } | { archive: Archive; prefixes: readonly string[] };

/** Of a plain archive; of one by Spring Boot; of a web application. */
const PREFIXES = ['', 'BOOT-INF/classes/', 'WEB-INF/classes/'];
const INNER = /^(?:BOOT-INF|WEB-INF)\/lib\/[^/]{1,200}\.jar$/;

/**
 * Classes of a Java process, from the class path on its command line. A file that was changed since the start can have
 * other lines than what ran, so it is not read. Dispose of it, since it holds files open.
 */
export class ClassFinder implements Disposable {
  readonly #program: JavaProgram;
  readonly #known = new Map<string, VouchingClass | null>();
  readonly #open: Archive[] = [];
  #places: Place[] | null = null;
  #runtime: RuntimeClasses | null = null;
  #archives = 0;
  #entries = 0;
  #leftBytes = MAX_TOTAL_BYTES;

  constructor(program: JavaProgram) {
    this.#program = program;
  }

  /** @param name with dots */
  readClass(name: string): VouchingClass | null {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_CLASSES || !CLASS_NAME.test(name)) return null;
    const found = this.#find(name);
    this.#known.set(name, found);
    return found;
  }

  [Symbol.dispose](): void {
    for (const archive of this.#open.splice(0)) archive.close();
    this.#runtime?.[Symbol.dispose]();
    this.#runtime = null;
    this.#places = [];
  }

  #find(name: string): VouchingClass | null {
    if (this.#places === null) this.#openAll();
    const file = `${name.replaceAll('.', '/')}.class`;
    for (const place of this.#places ?? []) {
      const versions = 'archive' in place ? inArchive(place, file) : this.#inDirectory(place.directory, file);
      const found = versions.flatMap((bytes) => this.#read(bytes, name) ?? []);
      if (found.length > 0) return merged(found);
    }
    return this.#read(this.#runtime?.read(name) ?? null, name);
  }

  #read(bytes: Buffer | null, name: string): VouchingClass | null {
    if (bytes === null || bytes.length > this.#leftBytes) return null;
    this.#leftBytes -= bytes.length;
    return readClassFile(bytes, name);
  }

  #inDirectory(directory: string, file: string): Buffer[] {
    const content = readRegularFile(join(directory, file), MAX_CLASS_BYTES, this.#isOld);
    return 'bytes' in content ? [content.bytes] : [];
  }

  #openAll(): void {
    const { executable, args, cwd } = this.#program;
    this.#runtime = RuntimeClasses.open(executable, this.#isOld);
    this.#places = classPathOf(args, cwd).flatMap((path): Place[] => {
      if (!/\.(?:jar|war|zip)$/i.test(path)) return [{ directory: path }];
      const archive = this.#openArchive(path);
      if (archive === null) return [];
      const manifest = archive.read('META-INF/MANIFEST.MF')?.toString('utf8') ?? '';
      return [...this.#placesIn(archive), ...this.#linked(path, manifest)];
    });
  }

  #openArchive(path: string): Archive | null {
    if (!this.#hasRoom()) return null;
    const archive = Archive.open(path, this.#isOld);
    if (archive !== null) this.#open.push(archive);
    this.#entries += archive?.entries.size ?? 0;
    return archive;
  }

  #placesIn(archive: Archive): Place[] {
    const names = [...archive.entries.keys()];
    const versions = new Set(names.flatMap((name) => VERSION.exec(name)?.[0] ?? []));
    const places: Place[] = [{ archive, prefixes: [...PREFIXES, ...[...versions].slice(0, MAX_VERSIONS)] }];
    for (const name of names) {
      const inner = INNER.test(name) && this.#hasRoom() ? archive.inner(name) : null;
      if (inner === null) continue;
      this.#entries += inner.entries.size;
      places.push({ archive: inner, prefixes: [''] });
    }
    return places;
  }

  /** What the manifest of an archive names; theirs are not followed. */
  #linked(path: string, manifest: string): Place[] {
    return manifestClassPath(manifest).flatMap((name): Place[] => {
      const file = resolve(dirname(path), name);
      if (name.endsWith('/')) return [{ directory: file }];
      const archive = this.#openArchive(file);
      return archive === null ? [] : [{ archive, prefixes: [''] }];
    });
  }

  #hasRoom(): boolean {
    return this.#archives++ < MAX_ARCHIVES && this.#entries < MAX_ENTRIES;
  }

  /** Its change time too: packages and `cp -p` set old modification times. */
  readonly #isOld = ({ mtimeMs, ctimeMs }: Stats): boolean =>
    Math.max(mtimeMs, ctimeMs) <= this.#program.seenAtMs;
}

/** One class for each range of Java versions (multi-release archives). */
const VERSION = /^META-INF\/versions\/\d{1,3}\//;
const MAX_VERSIONS = 20;

/** As the JVM names files: no `..` between its parts. */
const CLASS_NAME = /^[\p{L}\p{N}_$-]{1,200}(?:\.[\p{L}\p{N}_$-]{1,200}){0,40}$/u;

function inArchive({ archive, prefixes }: Extract<Place, { archive: Archive }>, file: string): Buffer[] {
  return prefixes.flatMap((prefix) => archive.read(`${prefix}${file}`) ?? []);
}

/** Which version runs is unknown: what one of them has is believed. */
function merged(versions: readonly VouchingClass[]): VouchingClass {
  const methods = new Map<string, Set<number>>();
  for (const [name, lines] of versions.flatMap(({ methods }) => [...methods]))
    methods.set(name, new Set([...(methods.get(name) ?? []), ...lines]));
  return { ...(versions[0] ?? { sourceFile: null, ownLines: null }), methods };
}
