import type { CrashFacts } from '../model/crash-facts.ts';
import type { Proof } from '../model/last-words.ts';
import type { Runtime } from '../model/runtime.ts';
import { runtimeWords } from './runtime-words.ts';

type SourceFacts = Pick<CrashFacts, 'source' | 'proof' | 'runtime'>;

/** Where a report is from and how sure it is; null for a capture, which needs no remark. No full stop. */
export function sourceWords(
  facts: SourceFacts & Pick<CrashFacts, 'kind' | 'frames' | 'exceptionType'>,
): string | null {
  const { source, proof = 'printed', runtime, exceptionType } = facts;
  if (source === 'sender') return 'the sender, not verified';
  if (source === 'system-core')
    return `${CORE}${exceptionType === null ? '' : '; the type is from standard error'}`;
  if (exitedOnOutOfMemory(facts)) return OUT_OF_MEMORY;
  return source === 'last-words' ? `${placeOf(facts)}: ${CERTAINTY[proof](printerOf(runtime))}` : null;
}

const CORE = "the core dump, as the system's crash handler read it (systemd-coredump or ABRT)";

/** A JVM writes of a fatal error into a file. */
function placeOf({ kind, runtime }: SourceFacts & Pick<CrashFacts, 'kind'>): string {
  const isOfJvm =
    runtime?.name === 'java' && (kind === 'fault' || kind === 'abort' || kind === 'out-of-memory');
  return isOfJvm ? "the JVM's fatal error log" : 'standard error';
}

const OUT_OF_MEMORY =
  'the data that the JVM shares with tools: it was left behind, as by -XX:+ExitOnOutOfMemoryError, which was set';

/** The JVM says so on standard output only, which is the app's own. With `-XX:+CrashOnOutOfMemoryError` there are frames. */
function exitedOnOutOfMemory({
  kind,
  frames,
  source,
  runtime,
}: SourceFacts & Pick<CrashFacts, 'kind' | 'frames'>): boolean {
  const isJava = source === 'last-words' && runtime?.name === 'java';
  return isJava && kind === 'out-of-memory' && frames.length === 0;
}

const CERTAINTY: Readonly<Record<Proof, (printer: string) => string>> = {
  proven: (printer) => `what ${printer} printed when it ended`,
  likely: (printer) =>
    `what ${printer} printed when it ended; an app that prints an exception and then exits looks the same`,
  printed: (printer) =>
    `what ${printer} printed shortly before the exit; it may not be the cause of the crash`,
};

/** Why a report of last words has no frames. */
export function printedNoStack({ runtime }: SourceFacts): string {
  const printer = printerOf(runtime);
  return `${printer.charAt(0).toUpperCase()}${printer.slice(1)} printed no call stack.`;
}

function printerOf(runtime: SourceFacts['runtime']): string {
  const name: Runtime = runtime?.name ?? 'native';
  return name === 'native' ? 'the program' : runtimeWords({ name, version: null });
}
