import type { LastWords, Vouchers } from '../../../model/last-words.ts';
import { typeIn } from './java-type.ts';

const LAUNCHER =
  /^Error: (?:Could not find or load main class|Unable to initialize main class|LinkageError occurred while loading main class) /;
const HANDLER = /^Exception: ([\w$.]{1,300}) thrown from the UncaughtExceptionHandler in thread "main"$/;

/** What the launcher prints if the main class cannot be loaded, and the JVM if the exception could not be printed. */
export function readLauncher(lines: readonly string[], vouchers: Vouchers): LastWords | null {
  const handler = lines.findLastIndex((line) => HANDLER.test(line));
  if (handler >= 0) {
    return words(
      'handler-failed',
      HANDLER.exec(lines[handler] ?? '')?.[1] ?? null,
      handler,
      handler + 1,
      lines,
    );
  }
  const from = lines.length - 2;
  const cause = /^(?:Caused by: |\t)(.*)$/.exec(lines[from + 1] ?? '')?.[1];
  if (cause === undefined || !LAUNCHER.test(lines[from] ?? '')) return null;
  return words('launcher', typeIn(cause, vouchers), from, from + 2, lines);
}

function words(
  form: string,
  type: string | null,
  from: number,
  to: number,
  lines: readonly string[],
): LastWords {
  return {
    ...{ form, error: { type, calls: [], members: [], refuted: 0, cut: 0 }, causes: [], thread: 'main' },
    ...{ handled: false, pid: null, signal: null, version: null, from, to, linesAfter: lines.length - to },
  };
}
