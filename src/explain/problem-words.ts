import { isProblemCode, type Problem, type ProblemCode } from '../model/problem.ts';

/** `{n}` is the count, `{frame|frames}` singular and plural. */
const SENTENCES: Readonly<Record<ProblemCode, string>> = {
  'no-record': 'No call stack: the worker left no record of the crash.',
  'not-armed': 'No call stack: the worker was not armed.',
  'record-damaged': '{n} {record|records} of the worker could not be read.',
  'records-stale': 'The worker left records, but all of them were made long before it ended.',
  'record-not-the-cause': 'An exception was recorded shortly before, but it did not end the process.',
  'no-frames': 'The thrown value has no stack.',
  'printed-no-calls': 'The runtime printed the exception without a call stack.',
  'printed-unread': 'Standard error has more about the crash than crashmon can read.',
  'jvm-omits-stack':
    'The JVM omits the stack of an exception that is thrown often; -XX:-OmitStackTraceInFastThrow keeps it.',
  'thrown-no-error': 'The thrown value is not an Error: only the place of the throw can be known.',
  'throw-site-unconfirmed': 'Node.js printed a place of the throw that does not match the source file.',
  'text-frames-dropped':
    '{n} {frame|frames} of a formatted stack {was|were} left out: {its|their} text could not be verified.',
  'printed-calls-refuted':
    '{n} printed {call|calls} {was|were} left out: {it contradicts|they contradict} the source, so {it is|they are} part of a message.',
  'printed-calls-ambiguous':
    '{n} printed {call|calls} {was|were} left out: {it|they} cannot be distinguished from the text of a message.',
  'printed-calls-unchecked':
    '{n} {frame has|frames have} no line: crashmon found no source to compare {it|them} with.',
  'frames-cut': '{n} {frame was|frames were} left out: the stack is too long.',
  'lines-transpiled':
    '{n} {frame has|frames have} no line: a loader transpiled the file in memory, and no source map was found. With --enable-source-maps, Node.js may have one.',
  'lines-changed':
    '{n} {frame has|frames have} no line: {its|their} source was changed after the worker started.',
  'lines-other-source':
    '{n} {frame has|frames have} no line: {its|their} source map was made from another version of the source.',
  'source-map-missing':
    'The source {map|maps} of {n} {file|files} could not be read; positions are of generated code.',
  'source-map-damaged':
    'The source {map of {n} file is|maps of {n} files are} damaged; positions are of generated code.',
  'source-map-too-big':
    'The source {map of {n} file is|maps of {n} files are} too big; positions are of generated code.',
  'source-map-remote':
    'The source {map of {n} file is|maps of {n} files are} on the network and {was|were} not fetched; positions are of generated code.',
  'symbols-failed': 'Source maps could not be applied; positions are of generated code.',
  'dump-lost': 'No native stack: the dump was lost before it was read.',
  'dump-failed': 'No native stack: the dump could not be written.',
  'dump-cut': 'The dump reached its size limit; stacks can be incomplete.',
  'dump-no-stack': 'The stack pointer of the crashing thread did not point to a stack.',
  'dump-stack-cut': 'The stack is very deep; frames in its middle are missing.',
  'dump-libraries-damaged':
    'The list of loaded libraries was damaged; names of library functions can be missing.',
  'threads-missing': '{n} {thread|threads} did not stop in time and {is|are} not in the dump.',
  'threads-cut': 'The {stack|stacks} of {n} more {thread|threads} {was|were} left out.',
  'unwind-no-tool': 'No native stack: neither eu-stack (package elfutils) nor gdb is installed.',
  'unwind-timed-out': 'Reading the native stack took too long; it can be incomplete.',
  'unwind-failed': 'The native stack could not be read to its end.',
  'unwind-cut':
    'The native {stack|stacks} of {n} {thread is|threads are} too deep to be read to {its|their} end.',
  'unwind-incomplete':
    'The native {stack|stacks} of {n} {thread ends|threads end} before the first function of the {thread|threads}.',
  'type-withheld': 'The exception type is withheld: it does not look like a type name.',
  'code-withheld': 'The error code is withheld: it does not look like an error code.',
  'names-withheld':
    '{n} {name of a function or file is|names of functions or files are} withheld: {it|they} can contain more than a name.',
  'analysis-failed': 'The analysis failed twice.',
  'analysis-timed-out': 'The analysis failed twice or took too long.',
  'too-many-crashes': 'Crashes came faster than crashmon could analyze them.',
  'private-log-failed': 'The private log could not be written.',
  'more-in-log': 'More problems are in the private log.',
  withheld: 'A problem that this version of crashmon cannot read.',
};

/** What could not be determined and why, in one or two sentences. */
export function problemWords({ code, count = 0 }: Problem): string {
  if (!isProblemCode(code)) return `Unknown problem "${code}".`;
  const isOne = count === 1;
  return SENTENCES[code]
    .replaceAll('{n}', String(count))
    .replace(/\{([^{}|]*)\|([^{}|]*)\}/g, isOne ? '$1' : '$2');
}
