import { printedPath } from '../../src/agent/last-words/vouchers.ts';
import { lastWordsReport } from '../../src/analysis/last-words-report.ts';
import { READERS } from '../../src/formats/last-words/readers.ts';
import { lastLines } from '../../src/formats/last-words/words-window.ts';
import type { CrashReport } from '../../src/model/crash-report.ts';
import type { ExitStatus } from '../../src/model/exit.ts';
import type { LastWords } from '../../src/model/last-words.ts';
import type { Runtime } from '../../src/model/runtime.ts';
import { counted } from '../../src/policy/exit-verdict.ts';
import { proveDeath } from '../../src/policy/prove-death.ts';
import { reviseVerdict } from '../../src/policy/revise-verdict.ts';
import { FrameMapper } from '../../src/symbols/frame-mapper.ts';
import { isOnDisk } from '../../src/symbols/is-on-disk.ts';
import { readSource } from '../../src/symbols/read-source.ts';
import { changedAtMs, scriptHashes } from '../../src/symbols/script-files.ts';

/** How a program ended that nothing captured. */
export type UnarmedDeath = { runtime: Runtime; status: ExitStatus; stderr: string; startedAtMs: number };

/** The report of an unarmed worker's death, made of the files as they are now; null if its last words prove nothing. */
export function wordsReportOf(
  { runtime, status, stderr, startedAtMs }: UnarmedDeath,
  root: string,
): { report: CrashReport; words: LastWords } | null {
  const vouchers = { readSource: (file: string) => readSource(printedPath(file, root) ?? ''), program: null };
  const words = READERS[runtime]?.(lastLines(stderr), { ...vouchers, readClass: () => null }) ?? null;
  const proof = words && proveDeath({ status, runtime, words, pid: null, silenceMs: 0 });
  if (words === null || proof === null) return null;
  const kind = reviseVerdict(counted('exception', 'printed-exception'), {
    status,
    runtime,
    words,
    proof,
  }).kind;
  const report = lastWordsReport({
    ...{ id: 'a1b2c3d4e5f6', app: 'shop', instance: 'web-1', diedAtMs: 0, status, runtime, words, proof },
    ...{ appRoot: root, workspaceRoot: null, kind: kind ?? 'exception', startedAtMs, problems: [] },
    ...{ symbols: new FrameMapper(root), readSource, isOnDisk },
    scripts: { hashes: scriptHashes, changedAtMs, strippedHashes: () => [] },
    pathOf: (file) => printedPath(file, root),
  });
  return { report, words };
}
