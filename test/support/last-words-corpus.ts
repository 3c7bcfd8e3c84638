import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { originOf } from '../../src/analysis/origin/origins.ts';
import { READERS, readLastWords } from '../../src/formats/last-words/readers.ts';
import type { LastWords, ProgramTables, Vouchers } from '../../src/model/last-words.ts';
import type { Runtime } from '../../src/model/runtime.ts';

const FIXTURES = path.join(import.meta.dirname, '../fixtures/last-words');

/** A recorded death, or something that only looks like one. */
export type RecordedDeath = {
  name: string;
  runtime: Runtime;
  version: string;
  /** Exit code or signal. */
  exit: number | string;
  /** Standard error, byte for byte except for build paths; where the JVM writes a file instead, that file. */
  text: string;
  /** Directory of the program that died. */
  source: string;
  /** `file:line` of the throw in the app's own code; null if there is none. */
  throwAt: string | null;
  expect: {
    died: boolean;
    /** That of a fatal signal with `signal`; null if it is not printed. */
    type?: string | null;
    causes?: string[];
    /** No reader can decide it. */
    undecidable?: boolean;
    /** The text looks like one that the app printed itself. */
    maybe?: boolean;
    /** `causes` has members and suppressed exceptions as well. */
    anyOrder?: boolean;
    [more: string]: unknown;
  };
};

/** Folders whose name is not that of the runtime. */
const RUNTIME_OF: Readonly<Record<string, Runtime>> = { cpp: 'native', elixir: 'erlang', mono: 'dotnet' };

/** The recorded deaths of all runtimes with a reader. */
export function recordedDeaths(): RecordedDeath[] {
  return readdirSync(FIXTURES)
    .sort()
    .flatMap((folder) => deathsIn(folder, RUNTIME_OF[folder] ?? (folder as Runtime)))
    .filter(({ runtime }) => READERS[runtime] !== undefined);
}

function deathsIn(folder: string, runtime: Runtime): RecordedDeath[] {
  const directory = path.join(FIXTURES, folder);
  const { cases } = JSON.parse(readFileSync(path.join(directory, 'index.json'), 'utf8'));
  return cases
    .filter(({ expect }: Record<string, unknown>) => expect != null)
    .map((one: Record<string, unknown>) => ({
      name: `${folder}/${one.case}`,
      runtime,
      version: String(one.version),
      exit: one.exit,
      text: recordedText(path.join(directory, String(one.case))),
      source: path.join(directory, 'src'),
      throwAt: one.throwAt ?? null,
      expect: one.expect as RecordedDeath['expect'],
    }));
}

function recordedText(file: string): string {
  const fatalErrorLog = `${file}.hs_err.txt`;
  return readFileSync(existsSync(fatalErrorLog) ? fatalErrorLog : `${file}.txt`, 'utf8');
}

/** Classes of a recorded program, as its compiler wrote them. */
function recordedClasses({ name, source }: RecordedDeath): Vouchers['readClass'] {
  const text = readFile(path.join(source, '../classes.json'));
  const classes = text === null ? {} : (JSON.parse(text)[path.basename(name)] ?? {});
  return (className) => {
    const found = classes[className];
    if (found === undefined) return null;
    const methods = Object.entries<number[]>(found.methods).map(
      ([method, lines]) => [method, new Set(lines)] as const,
    );
    return { ...found, methods: new Map(methods) };
  };
}

/** Sources of a recorded program, whatever directory it was recorded in. */
function recordedSources({ source }: RecordedDeath): Vouchers['readSource'] {
  return (file) => {
    const parts = file.split('/').filter((part) => part !== '' && part !== '..');
    for (let from = 0; from < parts.length; from++) {
      const text = readFile(path.join(source, ...parts.slice(from)));
      if (text !== null) return text;
    }
    return null;
  };
}

function readFile(file: string): string | null {
  try {
    return statSync(file).isFile() ? readFileSync(file, 'utf8') : null;
  } catch {
    return null;
  }
}

/** Names in the tables of the recorded programs. */
function recordedTables({ source }: RecordedDeath): Vouchers['program'] {
  const tables = readFile(path.join(source, '../tables.json'));
  if (tables === null) return null;
  const { functions, files, types } = JSON.parse(tables);
  const [hasFunction, hasFile, hasType] = [functions, files, types].map(
    (names: string[]) => (name: string) => names.includes(name),
  ) as [ProgramTables['hasFunction'], ProgramTables['hasFile'], ProgramTables['hasType']];
  return { hasFunction, hasFile, hasType };
}

/** What a reader finds in a recorded death. */
export function readRecorded(death: RecordedDeath, vouchers: Partial<Vouchers> = {}): LastWords | null {
  const none = {
    readSource: recordedSources(death),
    program: recordedTables(death),
    readClass: recordedClasses(death),
  };
  return readLastWords(death.runtime, death.text, { ...none, ...vouchers });
}

/** Innermost call of the app's own code: vouched for, and neither of a library nor of the runtime. */
export function ownPlace({ runtime }: RecordedDeath, words: LastWords): string | null {
  const own = words.error.calls.find(
    (call) => call.vouched === true && originOf(runtime, call, { appRoot: '' }).inApp,
  );
  return own === undefined ? null : `${own.file?.split('/').at(-1)}:${own.line}`;
}

/** Private data in the recorded programs. */
const CANARIES = /CANARY|4111|ada@/;

/** Types and calls that hold private data: must be empty. */
export function canariesIn(words: LastWords): string[] {
  const errors = [words.error, ...words.causes];
  const texts = errors.flatMap(function textsOf({ type, calls, members }): (string | null)[] {
    return [type, ...calls.flatMap((call) => [call.function, call.file]), ...members.flatMap(textsOf)];
  });
  return texts.filter((text) => text !== null && CANARIES.test(text)) as string[];
}
