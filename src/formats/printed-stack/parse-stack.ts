import { stripVTControlCharacters } from 'node:util';
import { LANGUAGES, type Language, LINE_PARSERS } from './line-parsers.ts';
import { phpExceptions } from './php-exceptions.ts';
import type { PrintedCall, PrintedException } from './printed-call.ts';

export type PrintedStack = {
  /** null if no line looks like a call. */
  language: Language | null;
  exception: PrintedException;
  causes: PrintedException[];
};

const MAX_CHARACTERS = 256 * 1024;
const MAX_LINES = 1_000;
const MAX_LINE = 600;
const MAX_CAUSES = 8;

/**
 * The calls in a printed stack. Only lines that look like calls are read, so whatever else is in the text, messages
 * above all, is left behind.
 */
export function parseStack(text: string, hint: Language | null): PrintedStack {
  const lines = text
    .slice(0, MAX_CHARACTERS)
    .split('\n', MAX_LINES)
    // Deno colors what it prints, on a pipe as well.
    .map((line) => (line.length > MAX_LINE ? '' : stripVTControlCharacters(line.replace(/\r$/, ''))));
  const language = languageOf(lines, hint);
  if (language === null) return { language, exception: { type: null, calls: [] }, causes: [] };
  const exceptions = exceptionsOf(lines, language);
  // Python prints the cause first, and the newest call last.
  if (language === 'python') {
    for (const { calls } of exceptions) calls.reverse();
    exceptions.reverse();
  }
  const [exception = { type: null, calls: [] }, ...causes] = exceptions;
  return { language, exception, causes: causes.slice(0, MAX_CAUSES) };
}

function languageOf(lines: readonly string[], hint: Language | null): Language | null {
  const counts = LANGUAGES.map((language) => {
    const calls = callsIn(lines, language);
    const places = calls.filter(({ line }) => line !== null).length;
    // A call without its place can be of several languages.
    return { language, calls: calls.length + places / MAX_LINES + (language === hint ? 0.5 : 0) };
  });
  const most = counts.toSorted((a, b) => b.calls - a.calls)[0];
  return most !== undefined && most.calls >= 1 ? most.language : null;
}

function callsIn(lines: readonly string[], language: Language): PrintedCall[] {
  const parse = LINE_PARSERS[language];
  return lines.flatMap((line, index) => parse(line, lines[index + 1] ?? '') ?? []);
}

function exceptionsOf(lines: readonly string[], language: Language): PrintedException[] {
  if (language === 'python') return pythonExceptions(lines);
  if (language === 'php' && lines.some((line) => line.startsWith('#0 '))) return phpExceptions(lines);
  const parse = LINE_PARSERS[language];
  const exceptions: PrintedException[] = [{ type: null, calls: [] }];
  let current = 0;
  let isInterrupted = false;
  let isComplete = false;
  for (const [index, line] of lines.entries()) {
    const calls = exceptions[current]?.calls ?? [];
    const found = parse(line, lines[index + 1] ?? '');
    if (found !== null) {
      // V8 prints calls in one piece: what looked like some before other text was part of a message.
      if (language === 'nodejs' && isInterrupted && !isComplete) calls.length = 0;
      isInterrupted = false;
      if (!isComplete) calls.push(found);
      // Properties follow, those of errors within included.
      if (language === 'nodejs' && line.endsWith('{')) isComplete = true;
      continue;
    }
    isInterrupted = calls.length > 0;
    const cause = CAUSE.exec(line)?.[1];
    if (cause !== undefined) {
      current = exceptions.push({ type: cause, calls: [] }) - 1;
      isInterrupted = false;
      isComplete = false;
    } else if (DOTNET_END.test(line)) current = Math.max(0, current - 1);
    else if (GO_ROUTINE.test(line) && calls.length > 0) break;
  }
  return exceptions;
}

/** Below its calls stands what they ended with; the last of all is the record's own. */
function pythonExceptions(lines: readonly string[]): PrintedException[] {
  const parse = LINE_PARSERS.python;
  const exceptions: PrintedException[] = [{ type: null, calls: [] }];
  for (const [index, line] of lines.entries()) {
    const found = parse(line, lines[index + 1] ?? '');
    const last = exceptions.at(-1);
    if (last === undefined) continue;
    if (found !== null) last.calls.push(found);
    else if (last.calls.length > 0) {
      if (last.type === null) last.type = pythonType(line);
      if (PYTHON_START.test(line)) exceptions.push({ type: null, calls: [] });
    }
  }
  return exceptions;
}

const PYTHON_START = /^Traceback \(most recent call last\):$/;
const CAUSE = /^\s*(?:Caused by:|---> ?\(?|\[cause\]:) ?([\w$.]{1,100})/;
/** .NET prints what an exception was caused by before its own calls. */
const DOTNET_END = /^\s*--- End of inner exception stack trace ---$/;
/** The first goroutine is the one that panicked. */
const GO_ROUTINE = /^goroutine \d/;

function pythonType(line: string): string | null {
  return /^([A-Za-z_][\w.]{0,99})(?::|$)/.exec(line)?.[1] ?? null;
}
