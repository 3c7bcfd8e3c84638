import type { CandidateRecord } from '../../src/model/probe-record.ts';

type Event = CandidateRecord['event'];

/** One program, and what the probe is expected to say about its end. */
export type WayToDie = {
  args: readonly string[];
  /** Exit code or signal, to be sure that the program does what its name says. */
  ends: number | string;
  events: readonly Event[];
  /** Where older versions differ: the last one that does, and what it has. */
  until?: { version: number; events: readonly Event[] };
  /** Of the first record, where it matters: type of what was thrown, how frames were found, innermost function. */
  type?: string;
  source?: 'call-site' | 'text' | 'none';
  top?: string | null;
  handles?: boolean;
  nodeOptions?: string;
};

const uncaught = ['uncaught'] as const;
const rejection = ['rejection'] as const;

export const WAYS_TO_DIE: readonly WayToDie[] = [
  {
    args: ['throws-error.cjs'],
    ends: 1,
    events: uncaught,
    type: 'TypeError',
    source: 'call-site',
    top: 'Shop.order',
  },
  // An ES module's evaluation is a promise, and what it throws becomes a rejection.
  {
    args: ['throws-error.mjs'],
    ends: 1,
    events: rejection,
    type: 'TypeError',
    source: 'call-site',
    top: 'Shop.order',
  },
  { args: ['throws-in-timer.cjs'], ends: 1, events: uncaught, type: 'TypeError', source: 'call-site' },
  { args: ['throws-string.cjs'], ends: 1, events: uncaught, type: 'string', source: 'none' },
  { args: ['throws-undefined.cjs'], ends: 1, events: uncaught, type: 'undefined', source: 'none' },
  { args: ['throws-object.cjs'], ends: 1, events: uncaught, type: 'Object', source: 'none' },
  { args: ['throws-code.cjs'], ends: 1, events: uncaught, source: 'call-site' },
  { args: ['rejects.cjs'], ends: 1, events: rejection, type: 'RangeError', source: 'call-site', top: 'load' },
  { args: ['rejects.mjs'], ends: 1, events: rejection, type: 'RangeError', source: 'call-site', top: 'load' },
  { args: ['rejects-string.cjs'], ends: 1, events: rejection },
  { args: ['rejects-in-promise-all.cjs'], ends: 1, events: rejection, source: 'call-site', top: 'slow' },
  {
    args: ['overflows-stack.cjs'],
    ends: 1,
    events: uncaught,
    type: 'RangeError',
    source: 'call-site',
    top: 'descend',
  },
  { args: ['has-syntax-error.cjs'], ends: 1, events: uncaught, type: 'SyntaxError' },
  { args: ['has-syntax-error.mjs'], ends: 1, events: rejection, type: 'SyntaxError' },
  { args: ['no-such-file.cjs'], ends: 1, events: uncaught, type: 'Error' },
  { args: ['exits.cjs'], ends: 3, events: ['exit'], top: 'giveUp' },
  { args: ['exits.mjs'], ends: 3, events: ['exit'], top: 'giveUp' },
  { args: ['exits-in-exit-listener.cjs'], ends: 4, events: ['exit'], top: 'process.last' },
  { args: ['exits-through-reallyexit-wrapper.cjs'], ends: 3, events: ['exit'], top: 'giveUp' },
  { args: ['sets-exit-code.cjs'], ends: 5, events: ['exit'] },
  { args: ['handler-exits.cjs'], ends: 1, events: ['uncaught', 'exit'], top: 'Timeout.fail', handles: true },
  { args: ['handler-throws.cjs'], ends: 7, events: uncaught, top: 'Timeout.fail', handles: true },
  { args: ['handler-survives.cjs'], ends: 0, events: uncaught, handles: true },
  { args: ['handler-changes-error.cjs'], ends: 7, events: uncaught, handles: true },
  { args: ['rejection-handler-exits.cjs'], ends: 1, events: ['handled-rejection', 'exit'], top: 'fail' },
  { args: ['rejection-handler-throws.cjs'], ends: 1, events: ['handled-rejection', 'uncaught'] },
  { args: ['rejection-handler-used-up.cjs'], ends: 1, events: ['handled-rejection', 'rejection'] },
  { args: ['rejection-handler-survives.cjs'], ends: 0, events: ['handled-rejection'], type: 'undefined' },
  { args: ['awaits-forever.mjs'], ends: 13, events: ['exit'], until: { version: 20, events: [] } },
  { args: ['aborts.cjs'], ends: 'SIGABRT', events: ['abort'], top: 'panic' },
  { args: ['is-terminated.cjs'], ends: 'SIGTERM', events: [] },
  { args: ['fails-in-callback.cjs'], ends: 1, events: uncaught, type: 'Error', source: 'none' },
  { args: ['throws-node-error.cjs'], ends: 1, events: uncaught, type: 'TypeError', source: 'call-site' },
  { args: ['throws-assertion.cjs'], ends: 1, events: uncaught, type: 'AssertionError' },
  { args: ['emits-unhandled-error.cjs'], ends: 1, events: uncaught, top: 'fail' },
  { args: ['throws-in-exit-listener.cjs'], ends: 1, events: uncaught, top: 'process.last' },
  { args: ['throws-in-signal-listener.cjs'], ends: 1, events: uncaught, top: 'process.reload' },
  { args: ['throws-after-stack-was-read.cjs'], ends: 1, events: uncaught, source: 'text', top: 'Store.save' },
  { args: ['throws-fake-frames.cjs'], ends: 1, events: uncaught, source: 'call-site', top: 'lie' },
  { args: ['throws-fake-frames.cjs', 'read'], ends: 1, events: uncaught, source: 'text', top: 'lie' },
  { args: ['throws-earlier-error.cjs'], ends: 1, events: uncaught, source: 'call-site', top: 'make' },
  { args: ['throws-in-eval.cjs'], ends: 1, events: uncaught, source: 'call-site', top: 'evaluated' },
  {
    args: ['throws-in-context.cjs'],
    ends: 1,
    events: uncaught,
    type: 'TypeError',
    source: 'text',
    top: 'inner',
  },
  { args: ['throws-cause-chain.cjs'], ends: 1, events: uncaught, type: 'TypeError', top: 'load' },
  { args: ['throws-aggregate.cjs'], ends: 1, events: uncaught, type: 'AggregateError', top: 'tryAll' },
  { args: ['prepares-stack-traces.cjs'], ends: 1, events: uncaught, source: 'call-site', top: 'fail' },
  { args: ['prepares-structured-stacks.cjs'], ends: 1, events: ['uncaught', 'exit'], source: 'call-site' },
  { args: ['throws-without-stack-traces.cjs'], ends: 1, events: uncaught, source: 'none' },
  { args: ['throws-with-frozen-error.cjs'], ends: 1, events: uncaught, source: 'text', top: 'fail' },
  { args: ['throws-in-domain.cjs'], ends: 0, events: uncaught, handles: true },
  { args: ['throws-past-capture-callback.cjs'], ends: 6, events: ['uncaught', 'exit'], handles: true },
  {
    args: ['dies-of-worker-thread.cjs'],
    ends: 1,
    events: uncaught,
    type: 'Error',
    source: 'text',
    top: 'inThread',
  },
  { args: ['throws-bundled.cjs'], ends: 1, events: uncaught, source: 'call-site', top: 'a' },
  { args: ['--enable-source-maps', 'throws-bundled.cjs'], ends: 1, events: uncaught, top: 'a' },
  { args: ['throws-bundled.cjs'], ends: 1, events: uncaught, top: 'a', nodeOptions: '--enable-source-maps' },
  { args: ['--unhandled-rejections=strict', 'rejects.cjs'], ends: 1, events: rejection, top: 'load' },
  { args: ['--unhandled-rejections=warn', 'rejects.cjs'], ends: 0, events: [] },
  { args: ['--unhandled-rejections=none', 'rejects.cjs'], ends: 0, events: [] },
  {
    args: ['--unhandled-rejections=warn-with-error-code', 'rejects.cjs'],
    ends: 1,
    events: ['exit'],
  },
  {
    args: ['--unhandled-rejections=warn', 'rejection-handler-exits.cjs'],
    ends: 1,
    events: ['handled-rejection', 'exit'],
    top: 'fail',
  },
  {
    args: ['--unhandled-rejections=strict', 'rejection-handler-survives.cjs'],
    ends: 1,
    events: rejection,
  },
  { args: ['--trace-uncaught', 'throws-string.cjs'], ends: 1, events: uncaught, type: 'string' },
  { args: ['-e', 'function f() { process.exit(2); }\nf();'], ends: 2, events: ['exit'], top: 'f' },
];
