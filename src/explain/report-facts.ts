import { signalCode } from '../formats/signals/signal-code.ts';
import type { Addon } from '../model/addon.ts';
import type { CrashFacts } from '../model/crash-facts.ts';
import { exitWords } from './exit-words.ts';
import { addressWords } from './fault-words.ts';
import { heapWords } from './heap-words.ts';
import { isInWorkerThread } from './is-in-worker-thread.ts';
import { runtimeWords } from './runtime-words.ts';

export type Fact = { readonly label: string; readonly value: string };

/** What is known of a crash besides its cause and stack, as labels and values. Names in it are unescaped. */
export function reportFacts(facts: CrashFacts): Fact[] {
  const { kind, exceptionType, status, fault, emitter, frames, addon, heap = null, runtime = null } = facts;
  const rows: [string, string | null][] = [
    ['Ended by', exitWords(status)],
    ['Exception', kind === 'exit' ? exceptionType : null],
    ['Signal', signalText(facts)],
    ['Address', fault === null || fault.addressClass === null ? null : addressWords(fault.addressClass)],
    [
      'Emitter',
      emitter === undefined ? null : `${emitter ?? 'an object'}, whose 'error' event has no listener`,
    ],
    ['Thread', isInWorkerThread(frames) ? 'a worker thread (worker_threads)' : null],
    ['Add-on', addon === undefined ? null : addonWords(addon)],
    ['Heap', heap === null ? null : heapWords(heap)],
    ['Runtime', runtime === null ? null : runtimeWords(runtime)],
  ];
  return rows.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}

/** Signal and signal code; null if no debugger captured the signal. */
function signalText({ signal, fault }: CrashFacts): string | null {
  if (fault === null) return null;
  if (fault.siCode === null) return signal;
  const code = signalCode(signal, fault.siCode);
  const codeText = code === null ? `code ${fault.siCode}` : `${code.name} (${fault.siCode}): ${code.meaning}`;
  return signal === null ? codeText : `${signal}, ${codeText}`;
}

/** `better-sqlite3 13.0.1` */
function addonWords({ name, version }: Addon): string {
  return version === null ? name : `${name} ${version}`;
}
