import { readdirSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { assemblyNames } from '../../formats/pe/assembly-names.ts';
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
 * read when a name was not found in those before. null if there are none.
 */
export function assembliesOf(program: DotnetProgram): ProgramTables | null {
  const paths = pathsOf(program);
  if (paths.length === 0) return null;
  const assemblies = new Assemblies(paths, program.seenAtMs);
  return {
    hasFunction: (name) => assemblies.has(`${name}()`, methodParts(name)),
    hasType: (name) => assemblies.has(name, typeParts(name)),
    hasFile: () => false,
  };
}

class Assemblies {
  readonly #paths: string[];
  readonly #seenAtMs: number;
  readonly #loaded: Buffer[] = [];
  readonly #known = new Map<string, boolean>();
  #leftBytes = MAX_TOTAL_BYTES;

  constructor(paths: string[], seenAtMs: number) {
    this.#paths = paths;
    this.#seenAtMs = seenAtMs;
  }

  /** Does one of them have all names of one of the lists? */
  has(key: string, lists: readonly (readonly string[])[]): boolean {
    const known = this.#known.get(key);
    if (known !== undefined || this.#known.size >= MAX_NAMES) return known ?? false;
    const wanted = lists.map((names) => names.map((name) => Buffer.from(`${name}\0`)));
    const found = this.#find((heap) => wanted.some((names) => names.every((name) => heap.includes(name))));
    this.#known.set(key, found);
    return found;
  }

  #find(matches: (heap: Buffer) => boolean): boolean {
    if (this.#loaded.some(matches)) return true;
    for (let path = this.#paths.shift(); path !== undefined; path = this.#paths.shift()) {
      const heap = this.#load(path);
      if (heap === null) continue;
      this.#loaded.push(heap);
      if (matches(heap)) return true;
    }
    return false;
  }

  /** A file that was changed since the start is not what ran. */
  #load(path: string): Buffer | null {
    const isOld = ({ mtimeMs, ctimeMs }: Stats) => Math.max(mtimeMs, ctimeMs) <= this.#seenAtMs;
    const content = readRegularFile(path, Math.min(MAX_BYTES, this.#leftBytes), isOld);
    if (!('bytes' in content)) return null;
    this.#leftBytes -= content.bytes.length;
    return assemblyNames(content.bytes);
  }
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
