import type { Language } from '../../../formats/printed-stack/line-parsers.ts';
import type { PrintedCall } from '../../../formats/printed-stack/printed-call.ts';
import type { Frame } from '../../../model/frame.ts';

/** A call as a frame of a report, before redaction. */
export function toFrame(call: PrintedCall, language: Language): Frame {
  const module = moduleOf(call, language);
  return {
    function: call.function === null ? null : spelled(call.function, language),
    file: call.file?.replaceAll('\\', '/') ?? null,
    line: call.line,
    column: call.column,
    module,
    inApp: module === null,
    repeat: 1,
    trust: 'sender-text',
  };
}

/** The name of an exception type, with dots between its parts. */
export function spelledType(type: string): string {
  return type.replace(/^[*&\\]+/, '').replaceAll(/::|\\|\//g, '.');
}

/** Names of all languages are compared and shown as identifiers with dots. */
function spelled(name: string, language: Language): string {
  switch (language) {
    case 'go':
      // `github.com/shop/cart.(*Cart[...]).Total.func1`
      return name
        .slice(name.lastIndexOf('/') + 1)
        .replaceAll(/[()*]|\[[^\]]*\]/g, '')
        .replaceAll(/\.(?=\d)/g, '.func')
        .replaceAll('-', '_');
    case 'dotnet':
      // `Shop.Cart.<Total>d__5.MoveNext`, `Shop.Cart.<>c.<Total>b__1`, `List`1.get_Item`
      return name
        .replaceAll(/`\d{1,3}|\[[^\]]*\]/g, '')
        .replaceAll(/\.<>c(?:__\w+)?(?=\.)/g, '')
        .replace(/<(\w+)>[a-z]__[\w|]+(?:\.MoveNext)?$/, '$1');
    case 'ruby':
      return name
        .replace(/^(?:(?:block|rescue|ensure)(?: \(\d+ levels\))? in )+/, '')
        .replaceAll(/::|#/g, '.');
    case 'php':
      return name.replaceAll(/->|::|\\/g, '.').replace(/\{(closure|main)\}/, '<$1>');
    default:
      return name;
  }
}

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
