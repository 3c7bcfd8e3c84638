import { readdirSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { assemblyNames } from '../../formats/pe/assembly-names.ts';
import { pdbLines } from '../../formats/pe/pdb-lines.ts';
import type { ProgramTables } from '../../model/last-words.ts';
import { readRegularFile } from '../regular-file.ts';

const MAX_ASSEMBLIES = 300;
const MAX_BYTES = 32 * 1024 * 1024;
/** Looked for: a search goes through all names. */
const MAX_NAMES = 300;
const MAX_PARTS = 20;
const MAX_TOTAL_BYTES = 128 * 1024 * 1024;

/** The process whose assemblies are read. */
export type DotnetProgram = { executable: string; args: readonly string[]; cwd: string; seenAtMs: number };

/**
 * The names in the assemblies beside the program: `mono shop.exe`, `dotnet shop.dll`, or the program's own executable. Each is
 * read when a name was not found in those before, and the debug information beside them likewise. null if there are none.
 */
export function assembliesOf(program: DotnetProgram): ProgramTables | null {
  const paths = pathsOf(program);
  if (paths.length === 0) return null;
  const read = reader(program.seenAtMs);
  const names = new FilesInTurn(paths, (path) => read(path, assemblyNames));
  const places = new FilesInTurn(paths, (path) => read(path.replace(/\.\w+$/, '.pdb'), pdbLines));
  const known = new Map<string, boolean>();
  /** Does one of them have all names of one of the lists? */
  function has(key: string, lists: readonly (readonly string[])[]): boolean {
    const before = known.get(key);
    if (before !== undefined || known.size >= MAX_NAMES) return before ?? false;
    const wanted = lists.map((list) => list.map((name) => Buffer.from(`${name}\0`)));
    const found = names.find((heap) => wanted.some((list) => list.every((name) => heap.includes(name))));
    known.set(key, found);
    return found;
  }
  return {
    hasFunction: (name) => has(`${name}()`, methodParts(name)),
    hasType: (name) => has(name, typeParts(name)),
    hasFile: () => false,
    hasLine: (file, line) => places.find((lines) => lines.get(file)?.has(line) === true),
  };
}

/** Files of which each is read once, when what is looked for was not in those before. */
class FilesInTurn<Content> {
  readonly #paths: string[];
  readonly #read: (path: string) => Content | null;
  readonly #contents: Content[] = [];

  constructor(paths: readonly string[], read: (path: string) => Content | null) {
    this.#paths = [...paths];
    this.#read = read;
  }

  find(matches: (content: Content) => boolean): boolean {
    if (this.#contents.some(matches)) return true;
    for (let path = this.#paths.shift(); path !== undefined; path = this.#paths.shift()) {
      const content = this.#read(path);
      if (content === null) continue;
      this.#contents.push(content);
      if (matches(content)) return true;
    }
    return false;
  }
}

/** A file that was changed since the start is not what ran. */
function reader(
  seenAtMs: number,
): <Content>(path: string, parse: (bytes: Buffer) => Content) => Content | null {
  let leftBytes = MAX_TOTAL_BYTES;
  const isOld = ({ mtimeMs, ctimeMs }: Stats) => Math.max(mtimeMs, ctimeMs) <= seenAtMs;
  return (path, parse) => {
    const content = readRegularFile(path, Math.min(MAX_BYTES, leftBytes), isOld);
    if (!('bytes' in content)) return null;
    leftBytes -= content.bytes.length;
    return parse(content.bytes);
  };
}

function pathsOf({ executable, args, cwd }: DotnetProgram): string[] {
  const main = args.slice(0, 20).find((arg) => /\.(?:exe|dll)$/i.test(arg));
  const own = main === undefined ? `${executable}.dll` : resolve(cwd, main);
  const directory = dirname(own);
  try {
    const beside = readdirSync(directory).filter((name) => /\.(?:dll|exe)$/i.test(name));
    return [own, ...beside.map((name) => join(directory, name)).filter((path) => path !== own)].slice(
      0,
      MAX_ASSEMBLIES,
    );
  } catch {
    return [];
  }
}

/** A method is stored by its own name, beside those of its classes and of the namespace. */
function methodParts(name: string): string[][] {
  const [, type = '', method = ''] = /^(.*?)\.(\.?[^.]+)$/s.exec(name.replaceAll(/\[[^[\]]*\]/g, '')) ?? [];
  return typeParts(type).map((parts) => [method, ...parts]);
}

/** A namespace is one name with dots, but a class in a class can be printed with a dot as well. */
function typeParts(name: string): string[][] {
  const parts = name.split(/[./+]/, MAX_PARTS);
  return parts.map((_, at) => [...(at === 0 ? [] : [parts.slice(0, at).join('.')]), ...parts.slice(at)]);
}
