import { all, hasCode, inNode, not, thrownInApp } from './conditions.ts';
import type { CatalogueEntry } from './known-cause.ts';

const ERRORS = 'https://nodejs.org/api/errors.html';
const isHandlingError = inNode(
  /uncaughtexception|processPromiseRejections|unhandledrejection|_fatalException/i,
  /^node:internal\/process\/(?:promises|execution)/,
);

export const NODE: readonly CatalogueEntry[] = [
  {
    id: 'headers-sent-twice',
    title: 'A response was answered twice',
    matches: hasCode('ERR_HTTP_HEADERS_SENT'),
    meaning:
      'The app set headers or a status after the response had begun, most often because two paths answer one request.',
    steps: [
      'Return after each answer, above all in error branches and in callbacks.',
      'Check response.headersSent in the error handler.',
    ],
    link: `${ERRORS}#err_http_headers_sent`,
  },
  {
    id: 'error-event-without-listener',
    title: 'An error event without a listener',
    matches: (facts) => facts.emitter !== undefined || hasCode('ERR_UNHANDLED_ERROR')(facts),
    meaning:
      "An object emitted an 'error' event that has no listener. Node throws the error then, which ends the process.",
    steps: [
      "Add a listener for 'error' to the emitter, right where the object is made.",
      'Emit Error objects, so that the stack shows where they come from.',
    ],
    link: `${ERRORS}#err_unhandled_error`,
  },
  {
    id: 'write-after-end',
    title: 'Written to a stream after its end',
    matches: hasCode('ERR_STREAM_WRITE_AFTER_END', 'ERR_STREAM_DESTROYED'),
    meaning: 'The app wrote to a stream that had been ended or destroyed before.',
    steps: [
      'Look for a second path that ends the stream, such as an error branch or a client that left.',
      'Connect streams with pipeline, which ends them in order.',
    ],
    link: `${ERRORS}#err_stream_write_after_end`,
  },
  {
    id: 'worker-thread-out-of-memory',
    title: 'A worker thread ran out of memory',
    matches: hasCode('ERR_WORKER_OUT_OF_MEMORY'),
    meaning:
      "A thread of worker_threads reached the limit of its heap and was ended. Its 'error' event had no listener.",
    steps: [
      "Add a listener for 'error' to the Worker, and start a new one.",
      'Give the thread smaller pieces of work, or more memory in resourceLimits.',
    ],
    link: `${ERRORS}#err_worker_out_of_memory`,
  },
  {
    id: 'wrong-argument-for-node',
    title: "A wrong argument for one of Node's functions",
    matches: hasCode('ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_VALUE', 'ERR_OUT_OF_RANGE'),
    meaning:
      "One of Node's functions was given a value of a type or range that it does not take, often undefined from a setting that is missing.",
    steps: [
      'Look at the nearest frame of your own and at where its argument comes from.',
      'Check that all settings are there when the app starts.',
    ],
    link: `${ERRORS}#err_invalid_arg_type`,
  },
  {
    id: 'exit-in-error-handler',
    title: 'An error handler ended the process',
    matches: (facts) => facts.kind === 'exit' && isHandlingError(facts),
    meaning:
      "The app's own listener for unhandled errors called process.exit. The error that it was called for is what is to be mended.",
    steps: [
      'Look in the private log for what the handler wrote about the error.',
      'Let the handler log the whole error, with its stack, before it exits.',
    ],
    link: 'https://nodejs.org/api/process.html#event-uncaughtexception',
  },
  {
    id: 'no-json',
    title: 'A text that is no JSON',
    matches: ({ exceptionType, frames }) =>
      exceptionType === 'SyntaxError' && frames[0]?.function === 'JSON.parse',
    meaning:
      'JSON.parse was given a text that is no valid JSON: often an empty body, an error page, or half of a message.',
    steps: [
      'Catch the error where the text comes from outside, and answer it as a bad request.',
      'Check status and content type of an answer before it is parsed.',
    ],
    link: null,
  },
  {
    id: 'value-of-wrong-kind',
    title: 'A value was not what the code expects',
    matches: all(
      ({ kind, exceptionType, code }) =>
        (kind === 'exception' || kind === 'rejection') && exceptionType === 'TypeError' && code === null,
      // The engine's own have no cause.
      ({ causes = [] }) => causes.length === 0,
      thrownInApp,
      not(hasCode('ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT')),
    ),
    meaning:
      'A TypeError in the code of the app: a value was of a kind that the operation cannot use, most often undefined or null where an object was expected.',
    steps: [
      'Open the first frame of your own, and look which value there can be missing.',
      'Read the exact message in the private log on the instance.',
      'Check the value where it comes in, rather than where it is used.',
    ],
    link: null,
  },
  {
    id: 'unhandled-rejection',
    title: 'A rejected promise that nobody handled',
    matches: ({ kind }) => kind === 'rejection',
    meaning:
      'A promise was rejected, and no code handled it before the next turn of the event loop. Node ends the process then.',
    steps: [
      'Await the promise inside try and catch, or add a catch to it.',
      'Look for async functions that are called without await, such as event listeners and timers.',
    ],
    link: 'https://nodejs.org/api/process.html#event-unhandledrejection',
    isGeneral: true,
  },
];
