import type { ReadSource } from '../formats/script-frames/verify-frames.ts';
import { scriptPath } from '../formats/script-name.ts';
import type { CandidateRecord, RawFrame } from '../model/probe-record.ts';

/**
 * Did an ES module fail while loading? Node loads the entry point in a promise. So a top-level exception, a syntax error and
 * a missing export arrive as rejections of a promise that no app code has. The app's own promise can be rejected below the
 * same frames (`main()` without await at the top level), and V8 does not report which function is async. So the source
 * decides; in doubt it was a rejection. Known limit: an exception after a top-level await is mostly in doubt.
 */
export function failedWhileLoading({ event, thrown }: CandidateRecord, readSource: ReadSource): boolean {
  if (event !== 'rejection' || thrown === null || !thrown.isError) return false;
  const { frames } = thrown;
  const topLevel = frames.findLastIndex((frame) => !isNode(frame) && frame.file !== null);
  const top = frames[topLevel];
  if (top === undefined) return frames.some(isLoader);
  if (top.function !== null) return false;
  const source = sourceOf(top, readSource);
  if (top.async) return source !== null && !ANONYMOUS_ASYNC.test(source);
  if (!frames.slice(topLevel).some(isEntryPoint)) return false;
  if (source !== null && isAwaited(source, top)) return true;
  return frames.slice(0, topLevel).every((frame) => isSynchronous(frame, readSource));
}

/** Node 20 and later; 18. */
const ENTRY_FUNCTION = /^(?:async )?(?:\w*[rR]unEntryPoint\w*|handleMainPromise)$/;
const ANONYMOUS_ASYNC = /\basync\s*(?:function\s*\*?\s*)?\(|\basync\s+[\w$]+\s*=>/;

function isEntryPoint({ file, function: name, async }: RawFrame): boolean {
  return file === 'node:internal/modules/run_main' && async && ENTRY_FUNCTION.test(name ?? '');
}

function isNode({ file }: RawFrame): boolean {
  return file?.startsWith('node:') ?? false;
}

function isLoader({ file }: RawFrame): boolean {
  return file?.startsWith('node:internal/modules/esm/') ?? false;
}

function sourceOf({ file }: RawFrame, readSource: ReadSource): string | null {
  const path = scriptPath(file);
  return path === null ? null : readSource(path);
}

/** Is the call at the frame's position awaited? */
function isAwaited(source: string, { line, column }: RawFrame): boolean {
  if (line === null || column === null) return false;
  const before = source.split('\n', line)[line - 1]?.slice(0, column - 1) ?? '';
  return /\bawait\s+(?:new\s+)?[\w$.]*$/.test(before.slice(-200));
}

/** Certainly not an async function, nor anything else that turns an exception into a rejection. */
function isSynchronous(frame: RawFrame, readSource: ReadSource): boolean {
  if (isNode(frame)) return !frame.async;
  if (frame.file === null) return !/Promise|async/i.test(frame.function ?? '');
  const source = sourceOf(frame, readSource);
  if (frame.async || source === null) return false;
  if (frame.function === null) return !ANONYMOUS_ASYNC.test(source);
  const name = /[\w$]+$/.exec(frame.function.replace(/ \[as [^\]]*\]$/, ''))?.[0];
  if (name === undefined) return false;
  const word = name.replaceAll('$', '\\$');
  return !new RegExp(
    String.raw`\basync\s+(?:function\s*\*?\s*|\*\s*)?#?${word}\b|(?<![\w$])${word}\s*[:=]\s*async\b`,
  ).test(source);
}
