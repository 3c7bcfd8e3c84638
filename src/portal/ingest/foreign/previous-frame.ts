import type { Language } from '../../../formats/printed-stack/line-parsers.ts';
import type { PrintedCall } from '../../../formats/printed-stack/printed-call.ts';
import type { Frame } from '../../../model/frame.ts';
import type { Runtime } from '../../../model/runtime.ts';
import { dottedFunction } from '../../../signature/dotted-names.ts';

/**
 * HISTORY: a call as a frame as of version 0.1, whose rules decide which group crashes of running apps belong to. Never
 * edited.
 */
export function previousFrame(call: PrintedCall, language: Language): Frame {
  const module = moduleOf(call, language);
  const runtime = SPELLED[language];
  return {
    function:
      call.function === null || runtime === undefined
        ? call.function
        : dottedFunction(call.function, runtime),
    file: call.file?.replaceAll('\\', '/') ?? null,
    line: call.line,
    column: call.column,
    module,
    inApp: module === null,
    repeat: 1,
    trust: 'sender-text',
  };
}

/** Names of the others stood as they are. */
const SPELLED: Readonly<Partial<Record<Language, Runtime>>> = {
  go: 'go',
  dotnet: 'dotnet',
  ruby: 'ruby',
  php: 'php',
};

const LIBRARIES: readonly RegExp[] = [
  /\/node_modules\/((?:@[\w.~-]+\/)?[\w.~-]+)\//,
  /\/(?:site|dist)-packages\/([\w.-]+)/,
  /\/gems\/([a-z][\w-]*?)-\d[\w.]*\//i,
  /\/vendor\/([\w.-]+\/[\w.-]+)\//,
  /\/pkg\/mod\/(?:[\w.-]+\/)*([\w.-]+)@/,
];

const NOTHING = /(?!)/;

/** Files and functions of the runtime begin with these. */
const RUNTIMES: Readonly<Record<Language, { file: RegExp; function: RegExp }>> = {
  nodejs: { file: /^node:|^internal\/|^native$/, function: NOTHING },
  python: { file: /\/lib\/python\d[\d.]*\/(?!site-|dist-)|^<frozen /, function: NOTHING },
  java: { file: NOTHING, function: /^(?:java|javax|jdk|sun|com\.sun|kotlin|scala)\./ },
  go: {
    file: /\/go(?:root)?[\d.]*\/src\/(?:runtime|net|internal|sync|os|io|reflect|testing)\//,
    function: /^runtime\.|^panic$/,
  },
  dotnet: { file: NOTHING, function: /^(?:System|Microsoft)\./ },
  ruby: { file: /\/lib\/ruby\/\d|^<internal:/, function: NOTHING },
  php: { file: NOTHING, function: NOTHING },
};

/** The module of a call: null for the app's own code. */
function moduleOf({ file, function: name }: PrintedCall, language: Language): string | null {
  const path = file?.replaceAll('\\', '/') ?? '';
  for (const library of LIBRARIES) {
    const found = library.exec(path)?.[1];
    if (found !== undefined) return found.replace(/^(?!@)([\w.-]+)\/([\w.-]+)$/, '$2');
  }
  const runtime = RUNTIMES[language];
  const isRuntime = runtime.file.test(path) || runtime.function.test(name ?? '');
  return isRuntime ? (language === 'nodejs' ? 'node' : language) : null;
}
