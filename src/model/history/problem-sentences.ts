import type { Problem, ProblemCode } from '../problem.ts';

/*
 * HISTORY, never edited: the sentences that reports of schema 1 hold in place of codes. Databases hold them for good, and
 * portals of version 0.1, which know no other, still get them. `{n}` is the count, `{frame|frames}` singular and plural.
 */
const SENTENCES: Partial<Record<ProblemCode, string>> = {
  'no-record': 'The worker left no record of its death, so there is no stack.',
  'not-armed': 'This crash was not captured: the worker was not armed.',
  'record-damaged': '{n} of the records that the worker left could not be read.',
  'records-stale': 'The worker left records, but all of them were made long before it died.',
  'record-not-the-cause': 'An exception was seen shortly before, but it is not what ended the process.',
  'no-frames': 'The thrown value carried no stack.',
  'thrown-no-error': 'What was thrown is not an Error; only the place of the throw can be known.',
  'throw-site-unconfirmed': 'The place of the throw was printed but does not agree with the source file.',
  'text-frames-dropped':
    '{n} {frame|frames} of an already formatted stack {was|were} left out: nothing vouches for {its|their} text.',
  'frames-cut': '{n} {frame was|frames were} left out because the stack is too long.',
  'lines-transpiled':
    '{n} {frame has|frames have} no line: what ran is not the file on disk (transpiled in memory by a loader) and no source map was found; with --enable-source-maps Node may have one.',
  'lines-changed':
    '{n} {frame has|frames have} no line: {its file was|their files were} changed after the worker had started.',
  'lines-other-source':
    '{n} {frame has|frames have} no line: the source on disk is not the one that {its|their} source map was made of.',
  'source-map-missing':
    'The source map of {n} {file|files} is named but cannot be read; positions are of generated code.',
  'source-map-damaged': 'The source map of {n} {file|files} is damaged; positions are of generated code.',
  'source-map-too-big': 'The source map of {n} {file|files} is too big; positions are of generated code.',
  'source-map-remote': 'The source map of {n} {file|files} is on the network and was not fetched.',
  'symbols-failed': 'Source maps could not be applied; positions are of generated code.',
  'dump-lost': 'The dump of the dying process was lost before it could be read, so there is no native stack.',
  'dump-failed': 'The dump of the dying process could not be written, so there is no native stack.',
  'dump-cut': 'The dump of the dying process was cut to its size limit; stacks may be incomplete.',
  'dump-no-stack': 'The stack pointer of the crashing thread did not point to a stack.',
  'dump-stack-cut':
    'The stack was very deep; frames between its innermost and its outermost part are missing.',
  'dump-libraries-damaged': 'The list of loaded libraries was damaged; frames in libraries may lack names.',
  'threads-missing': '{n} {thread|threads} did not stop in time and {is|are} not in the dump.',
  'threads-cut': 'The {stack|stacks} of {n} further {thread was|threads were} left out.',
  'unwind-no-tool':
    'Neither eu-stack (package elfutils) nor gdb is installed, so the native stack could not be read.',
  'unwind-timed-out': 'Reading the native stack took too long; it may be incomplete.',
  'unwind-failed': 'The native stack could not be read to its end.',
  'unwind-cut':
    'The native {stack|stacks} of {n} {thread is|threads are} longer than what was read of {it|them}.',
  'unwind-incomplete':
    'The native {stack|stacks} of {n} {thread ends|threads end} before the function that began {it|them}.',
  'type-withheld': 'The exception type is not shown: it does not look like the name of a type.',
  'code-withheld': 'The error code is not shown: it does not look like an error code.',
  'names-withheld':
    'The {name|names} of {n} {function or file is|functions or files are} not shown: {it|they} may hold more than a name.',
  'analysis-failed': 'The analysis of the crash failed; only what the exit itself tells is known.',
  'analysis-timed-out': 'The analysis of the crash took too long and was given up.',
  'private-log-failed': 'The private log of the crash could not be written.',
  'more-in-log': 'Further problems are noted in the private log.',
};

/** Sentences that are only read. */
const OLDER: readonly [string, ProblemCode][] = [
  [
    '{n} {frame has|frames have} no line: what ran is not the file on disk (transpiled in memory by a loader) and no source map was found.',
    'lines-transpiled',
  ],
  ['Crashes came faster than they could be analysed.', 'too-many-crashes'],
  ['The analysis process failed twice.', 'analysis-failed'],
  ['The analysis failed twice or took too long.', 'analysis-timed-out'],
];

const CODES: ReadonlyMap<string, ProblemCode> = new Map(
  [
    ...Object.entries(SENTENCES).map(([code, sentence]) => [sentence, code as ProblemCode] as const),
    ...OLDER,
  ].flatMap(([sentence, code]) =>
    [inNumber(sentence, true), inNumber(sentence, false)].map((form) => [form, code] as const),
  ),
);

/** null for a sentence that no report of schema 1 holds. */
export function problemOfSentence(sentence: string): Problem | null {
  if (sentence.length > 300) return null;
  const [count] = sentence.match(/\b\d{1,7}\b/) ?? [];
  const code = CODES.get(count === undefined ? sentence : sentence.replace(count, '{n}'));
  if (code === undefined) return null;
  return count === undefined ? { code } : { code, count: Number(count) };
}

/** null for a problem that schema 1 did not have. */
export function sentenceOfProblem({ code, count = 0 }: Problem): string | null {
  const sentence = SENTENCES[code as ProblemCode];
  return sentence === undefined ? null : inNumber(sentence, count === 1).replace('{n}', String(count));
}

function inNumber(sentence: string, isOne: boolean): string {
  return sentence.replace(/\{([^{}|]*)\|([^{}|]*)\}/g, isOne ? '$1' : '$2');
}
