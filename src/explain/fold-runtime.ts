import { plural } from '../formats/quantity-words.ts';
import type { Frame } from '../model/frame.ts';

/** Part of a stack: a frame, or one line that replaces several frames of a runtime. */
export type StackPart = { folded: false; frame: Frame } | { folded: true; text: string };

/**
 * Folds consecutive frames of Node.js and of system libraries. The entry function of a library stays, because it shows
 * what the app called; frames that only start a program or a thread are folded.
 */
export function foldRuntime(frames: readonly Frame[], { keepFirst }: { keepFirst: boolean }): StackPart[] {
  if (!frames.some((frame) => runtimeOf(frame) === null)) return frames.map(shown);
  const parts: StackPart[] = [];
  for (let at = 0; at < frames.length; ) {
    const end = Math.max(at + 1, endOfRun(frames, at));
    parts.push(...foldRun(frames.slice(at, end), end === frames.length, keepFirst && at === 0));
    at = end;
  }
  return parts;
}

function foldRun(run: readonly Frame[], isOutermost: boolean, keepsFirst: boolean): StackPart[] {
  const [first] = run;
  const last = run.at(-1);
  const runtime = first === undefined ? null : runtimeOf(first);
  const from = keepsFirst && first?.native !== undefined ? 1 : 0;
  const to = runtime === 'system' && !isOutermost ? run.length - 1 : run.length;
  if (first === undefined || last === undefined || runtime === null || to - from < 2) return run.map(shown);
  return [
    ...run.slice(0, from).map(shown),
    { folded: true, text: foldedText(run.slice(from, to), runtime) },
    ...run.slice(to).map(shown),
  ];
}

function foldedText(frames: readonly Frame[], runtime: Runtime): string {
  const many = plural(frames.length, 'frame');
  if (runtime === 'node') return `… ${many} of Node.js itself`;
  const modules = [...new Set(frames.map(({ module }) => (module ?? '').replace(/\.so[.\d]*$/, '')))];
  return modules.length > 2 ? `… ${many} of system libraries` : `… ${many} of ${modules.join(' and ')}`;
}

type Runtime = 'node' | 'system';

/** The libraries of C, C++ and Rust, in files of their own or compiled in. */
const SYSTEM =
  /^(?:libc|std|(?:libc|libm|libpthread|libdl|librt|libstdc\+\+|libc\+\+|libc\+\+abi|libgcc_s|ld-linux[\w-]*|ld-musl[\w-]*|libc\.musl[\w-]*)(?:-[\d.]+)?\.so[.\d]*|\[vdso\])$/;

/** Frames with a count are a finding, whosever they are, and what is uncertain must be seen to be. */
function runtimeOf({ module, inApp, repeat, native, trust }: Frame): Runtime | null {
  const isUncertain = trust === 'scan' || trust === 'frame-pointer';
  if (inApp || module === null || repeat !== 1 || isUncertain) return null;
  if (module === 'node') return 'node';
  return native !== undefined && SYSTEM.test(module) ? 'system' : null;
}

function endOfRun(frames: readonly Frame[], from: number): number {
  const first = frames[from];
  const runtime = first === undefined ? null : runtimeOf(first);
  let end = from;
  while (runtime !== null && end < frames.length && runtimeOf(frames[end] as Frame) === runtime) end++;
  return end;
}

function shown(frame: Frame): StackPart {
  return { folded: false, frame };
}
