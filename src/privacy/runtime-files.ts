import type { Runtime } from '../model/runtime.ts';
import { publicFile } from './public-file.ts';

/** Where a language keeps its files. */
type Files = {
  /** Names of code without a file; a first group is public instead of all. The app can choose such a name, too. */
  named?: RegExp;
  /** The first group is public: from the root of libraries on. */
  libraries?: readonly RegExp[];
  /** The compiler writes relative names, or names below an import path. */
  relative?: RegExp;
};

const PART = String.raw`[\p{L}\p{N}_@.+~!-]{1,100}`;
const PARTS = `(?:${PART}/){0,20}${PART}`;
const library = (root: string) => new RegExp(`^.*/(${root}/${PARTS})$`, 'u');
const SCRIPT: Files = { named: /^(?:ext|bun|internal):[\w./-]{1,100}$/ };

/** What CPython is built with. */
const FROZEN =
  'importlib\\._bootstrap(?:_external)?|importlib\\.(?:machinery|util)|zipimport|abc|codecs|io|_collections_abc|' +
  '_sitebuiltins|genericpath|ntpath|posixpath|os|site|stat|runpy|getpath|linecache';
const PYTHON_NAMED = new RegExp(`^<(?:string|stdin|frozen (?:${FROZEN}))>$`);

/** What Ruby is built with. RubyGems' own has the path of where Ruby is installed, which can be a home directory. */
const BUILTIN =
  'array|ast|dir|gc|gem_prelude|hash|integer|io|jit_hook|jit_undef|kernel|marshal|mjit|mjit_c|nilclass|numeric|pack|' +
  'pathname_builtin|prelude|ractor|rjit|rjit_c|set|string|symbol|thread_sync|timev|trace_point|warning|yjit|zjit';
const RUBY_NAMED = new RegExp(
  `^(?:<internal:(?:${BUILTIN})>|-e)$|^<internal:/.*/(rubygems/core_ext/kernel_(?:gem|require|warn)\\.rb)>$`,
);

/** `/usr/lib/go-1.19/src/net/http/server.go` */
const GOROOT = /^.*\/go(?:lang|root)?[-\d./]{0,12}\/(src\/[a-z]\w{0,30}(?:\/[\w-]{1,40}){0,6}\.(?:go|s))$/i;

const FILES: Readonly<Partial<Record<Runtime, Files>>> = {
  bun: SCRIPT,
  deno: SCRIPT,
  python: {
    named: PYTHON_NAMED,
    libraries: [library('(?:site|dist)-packages'), library(String.raw`python\d[\d.]{0,6}`)],
  },
  ruby: {
    named: RUBY_NAMED,
    libraries: [library('gems'), library(String.raw`ruby/(?:vendor_ruby|\d[\d.]{0,8})`)],
  },
  perl: {
    named: /^-e$/,
    libraries: [library(String.raw`perl5|site_perl|perl(?:-base)?/\d[\d.]{0,8}`), library('perl-base')],
  },
  php: { named: /^\[internal function\]$/, libraries: [library('vendor'), library('share/php')] },
  java: {
    named: /^[\w.+-]{1,80}\.so(?:\.\d{1,4}){0,4}$/,
    relative: /^[\w$-]{1,100}\.(?:java|kts?|scala|groovy|clj[cs]?)$/,
  },
  dotnet: {},
  go: {
    libraries: [
      /^.*\/pkg\/mod\/([^@/]{1,80}(?:\/[^@/]{1,80}){0,6}@[\w.+!-]{1,80}\/.{1,200})$/,
      library('vendor'),
      GOROOT,
    ],
    relative: new RegExp(String.raw`^(?:[\w-]{1,60}(?:\.[\w-]{1,60})+/${PARTS}|_cgo_gotypes\.go)$`, 'u'),
  },
  rust: {
    libraries: [
      /^\/rustc\/[0-9a-f]{40}\/(library\/[\w/.-]{1,200}\.rs)$/,
      /^.*\/rustlib\/src\/rust\/(library\/[\w/.-]{1,200}\.rs)$/,
      /^.*\/\.cargo\/registry\/src\/[\w.-]{1,100}\/([a-z0-9_-]{1,80}-\d[\w.+-]{0,40}\/[\w/.-]{1,200}\.rs)$/i,
      /^.*\/\.cargo\/git\/checkouts\/([a-z0-9_-]{1,80}-[0-9a-f]{8,16}\/[0-9a-f]{7,40}\/[\w/.-]{1,200}\.rs)$/i,
      library('vendor'),
    ],
    relative: /^(?:[\w-]{1,60}\/){0,10}[\w-]{1,60}\.rs$/,
  },
  erlang: { libraries: [library('deps')], relative: /^(?:[\w-]{1,60}\/){0,10}[\w-]{1,60}\.(?:exs?|[eh]rl)$/ },
};

/** Where a printed call is, as far as it may leave the instance. */
export type FilePlace = {
  runtime: Runtime;
  appRoot: string;
  workspaceRoot: string | null;
  /** The name was found in what the program was made of; otherwise the text could be a part of a message. */
  isVouched: boolean;
};

/**
 * The part of a file's name that may leave the instance, as `publicFile` has it for JavaScript: from the root of
 * libraries on, below the app's root, else the file's own name. Of a name that nothing vouches for, only that.
 */
export function publicRuntimeFile(
  file: string,
  { runtime, appRoot, workspaceRoot, isVouched }: FilePlace,
): string | null {
  if (runtime === 'node') return publicFile(file, appRoot, workspaceRoot);
  const path = file.replaceAll('\\', '/').replace(/^file:\/\/(?=\/)/, '');
  const { named, libraries = [], relative } = FILES[runtime] ?? {};
  if (path.length > MAX_INPUT) return null;
  const name = named?.exec(path);
  if (name != null) return name[1] ?? path;
  if (isVouched) {
    for (const pattern of libraries) {
      const found = pattern.exec(path)?.[1];
      if (found !== undefined && !HOME.test(found)) return found.slice(0, MAX_OUTPUT);
    }
  }
  if ((isVouched || runtime === 'java') && relative?.test(path) === true) return path;
  return publicFile(path, isVouched ? appRoot : '', isVouched ? workspaceRoot : null);
}

const MAX_INPUT = 4096;
const MAX_OUTPUT = 300;
const HOME = /(?:^|\/)(?:home|Users)\//;
