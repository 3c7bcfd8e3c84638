import type { LastWords, LastWordsReader, Vouchers } from '../../model/last-words.ts';
import type { Runtime } from '../../model/runtime.ts';
import { readDotnet } from './dotnet/read-dotnet.ts';
import { readErlang } from './erlang/read-erlang.ts';
import { readGo } from './go/read-go.ts';
import { readJava } from './java/read-java.ts';
import { readBun } from './javascript/read-bun.ts';
import { readDeno } from './javascript/read-deno.ts';
import { readNode, readReported } from './javascript/read-node.ts';
import { readLogged } from './json/logged-stack.ts';
import { readNative } from './native/read-native.ts';
import { readPerl } from './perl/read-perl.ts';
import { readPhp } from './php/read-php.ts';
import { readPython } from './python/read-python.ts';
import { readRuby } from './ruby/read-ruby.ts';
import { readRust } from './rust/read-rust.ts';
import { lastLines } from './words-window.ts';

/** One for each runtime whose last words are read. */
export const READERS: Partial<Record<Runtime, LastWordsReader>> = {
  node: readNode,
  deno: readDeno,
  bun: readBun,
  python: readPython,
  java: readJava,
  dotnet: readDotnet,
  go: readGo,
  rust: readRust,
  native: readNative,
  ruby: readRuby,
  erlang: readErlang,
  php: readPhp,
  perl: readPerl,
};

/** Of last words that can be longer than all lines that are read. */
const HEADINGS: Partial<Record<Runtime, readonly string[]>> = { go: ['panic: ', 'fatal error: '] };

/**
 * The last words at the end of a runtime's text; null if there are none.
 * @param isReported the supervisor says that an exception ended it
 */
export function readLastWords(
  runtime: Runtime,
  text: string,
  vouchers: Vouchers,
  isReported = false,
): LastWords | null {
  const lines = lastLines(text, HEADINGS[runtime]);
  const reported = isReported && runtime === 'node' ? readReported : null;
  const words = READERS[runtime]?.(lines, vouchers) ?? reported?.(lines, vouchers) ?? null;
  // What an app caught and printed does not prove more than what it logged.
  if (words !== null && !words.handled) return words;
  const logged = readLogged(runtime, text, lines.length, vouchers);
  return logged !== null && logged.from >= (words?.to ?? 0) ? logged : words;
}
