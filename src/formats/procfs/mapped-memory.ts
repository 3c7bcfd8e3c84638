import {
  type LargeMapping,
  MAPPING_KINDS,
  type MappingKind,
  type ProcessMemory,
} from '../../model/memory.ts';

const MAPPING = /^[0-9a-f]{1,16}-[0-9a-f]{1,16} \S{4} [0-9a-f]{1,16} [0-9a-f]+:[0-9a-f]+ \d{1,20} *(.*)$/;
const RESIDENT = /^Rss: +(\d{1,15}) kB$/;
const MAX_LARGEST = 10;
const MAX_NAME = 4096;

/** Adds up `/proc/<pid>/smaps` (proc_pid_smaps(5)), of which the text comes in parts: it can be megabytes. */
export class MappedMemory {
  readonly #program: string | null;
  readonly #totals = new Map<MappingKind, number>();
  readonly #names = new Map<string, number>();
  #rest = '';
  #name = '';

  /** @param program path of the executable */
  constructor(program: string | null) {
    this.#program = program;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#read(line);
  }

  /** null if the process had no memory any more. */
  get kinds(): ProcessMemory['mappings'] {
    const kinds = MAPPING_KINDS.flatMap((kind) => {
      const bytes = this.#totals.get(kind);
      return bytes === undefined ? [] : [{ kind, bytes }];
    });
    return kinds.length === 0 ? null : kinds.sort((one, other) => other.bytes - one.bytes);
  }

  get largest(): LargeMapping[] {
    const all = [...this.#names].map(([name, bytes]) => ({ name, bytes }));
    return all.sort((one, other) => other.bytes - one.bytes).slice(0, MAX_LARGEST);
  }

  #read(line: string): void {
    const resident = RESIDENT.exec(line)?.[1];
    if (resident === undefined) {
      const name = MAPPING.exec(line)?.[1];
      if (name !== undefined) this.#name = name;
      return;
    }
    const bytes = Number(resident) * 1024;
    if (bytes === 0) return;
    const kind = kindOf(this.#name, this.#program);
    this.#totals.set(kind, (this.#totals.get(kind) ?? 0) + bytes);
    const name = this.#name === '' ? '[anonymous]' : this.#name.slice(0, MAX_NAME);
    this.#names.set(name, (this.#names.get(name) ?? 0) + bytes);
  }
}

function kindOf(name: string, program: string | null): MappingKind {
  if (name === '' || name.startsWith('[anon:')) return 'anonymous';
  if (name === '[heap]') return 'heap';
  if (name.startsWith('[stack')) return 'stack';
  if (/^(?:\/dev\/shm\/|\/memfd:|\/SYSV|\/dev\/zero|\[anon_shmem:)/.test(name)) return 'shared';
  if (!name.startsWith('/')) return 'other';
  if (name.replace(/ \(deleted\)$/, '') === program) return 'program';
  return /\.so(?:\.[\d.]+)?(?: \(deleted\))?$|\.node$/.test(name) ? 'library' : 'file';
}
