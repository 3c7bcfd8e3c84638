import { all, hasCode, inNode, not, thrownInApp } from './conditions.ts';
import type { CatalogEntry } from './known-cause.ts';

const ERRORS = 'https://nodejs.org/api/errors.html';
const isHandlingError = inNode(
  /uncaughtexception|processPromiseRejections|unhandledrejection|_fatalException/i,
  /^node:internal\/process\/(?:promises|execution)/,
);

export const NODE: readonly CatalogEntry[] = [
  {
    id: 'headers-sent-twice',
    title: 'A response was sent twice',
    matches: hasCode('ERR_HTTP_HEADERS_SENT'),
    meaning:
      'The app set headers or a status after the response had started, most often because two code paths respond to one request.',
    steps: [
      'Return after each response, especially in error branches and callbacks.',
      'Check response.headersSent in the error handler.',
    ],
    link: `${ERRORS}#err_http_headers_sent`,
  },
  {
    id: 'error-event-without-listener',
    title: 'An error event without a listener',
    matches: (facts) => facts.emitter !== undefined || hasCode('ERR_UNHANDLED_ERROR')(facts),
    meaning:
      "An object emitted an 'error' event without a listener. Node.js then throws the error, which ends the process.",
    steps: [
      "Add an 'error' listener to the emitter, right where it is created.",
      'Emit Error objects, so that the stack shows where they come from.',
    ],
    link: `${ERRORS}#err_unhandled_error`,
  },
  {
    id: 'write-after-end',
    title: 'Write after end of a stream',
    matches: hasCode('ERR_STREAM_WRITE_AFTER_END', 'ERR_STREAM_DESTROYED'),
    meaning: 'The app wrote to a stream that was already ended or destroyed.',
    steps: [
      'Look for a second code path that ends the stream, such as an error branch or a disconnected client.',
      'Connect streams with pipeline, which ends them in order.',
    ],
    link: `${ERRORS}#err_stream_write_after_end`,
  },
  {
    id: 'worker-thread-out-of-memory',
    title: 'A worker thread ran out of memory',
    matches: hasCode('ERR_WORKER_OUT_OF_MEMORY'),
    meaning:
      "A thread of worker_threads reached its heap limit and was terminated. Its 'error' event had no listener.",
    steps: [
      "Add an 'error' listener to the Worker, and start a new Worker.",
      'Give the thread smaller tasks, or more memory in resourceLimits.',
    ],
    link: `${ERRORS}#err_worker_out_of_memory`,
  },
  {
    id: 'wrong-argument-for-node',
    title: 'Invalid argument to a Node.js function',
    matches: hasCode('ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_VALUE', 'ERR_OUT_OF_RANGE'),
    meaning:
      'A Node.js function received a value of the wrong type or out of range, often undefined from a missing setting.',
    steps: [
      'Check where the argument in the nearest frame of your code comes from.',
      'Check that all settings are present when the app starts.',
    ],
    link: `${ERRORS}#err_invalid_arg_type`,
  },
  {
    id: 'exit-in-error-handler',
    title: 'An error handler ended the process',
    matches: (facts) => facts.kind === 'exit' && isHandlingError(facts),
    meaning:
      "The app's own listener for uncaught exceptions or unhandled rejections called process.exit. Fix the original error.",
    steps: [
      'Check the private log for what the handler printed about the error.',
      'Make the handler log the whole error, with its stack, before it exits.',
    ],
    link: 'https://nodejs.org/api/process.html#event-uncaughtexception',
  },
  {
    id: 'no-json',
    title: 'Invalid JSON',
    matches: ({ exceptionType, frames }) =>
      exceptionType === 'SyntaxError' && frames[0]?.function === 'JSON.parse',
    meaning:
      'JSON.parse received text that is not valid JSON: often an empty body, an error page, or a truncated message.',
    steps: [
      'Catch the error where outside text is parsed, and respond with HTTP 400.',
      'Check the status and content type of a response before parsing it.',
    ],
    link: null,
  },
  {
    id: 'value-of-wrong-kind',
    title: 'Unexpected type of value',
    matches: all(
      ({ kind, exceptionType, code }) =>
        (kind === 'exception' || kind === 'rejection') && exceptionType === 'TypeError' && code === null,
      // Errors thrown by the engine have no cause.
      ({ causes = [] }) => causes.length === 0,
      thrownInApp,
      not(hasCode('ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT')),
    ),
    meaning:
      'A TypeError in app code: the operation cannot use this type of value, most often undefined or null instead of an object.',
    steps: [
      'Open the first frame of your code, and look for a value that can be missing.',
      'Read the exact message in the private log on the instance.',
      'Validate the value where it enters the app, not where it is used.',
    ],
    link: null,
  },
  {
    id: 'unhandled-rejection',
    title: 'Unhandled rejection',
    matches: ({ kind }) => kind === 'rejection',
    meaning:
      'A promise was rejected, and no code handled it before the next turn of the event loop. Node.js then ends the process.',
    steps: [
      'Await the promise inside try/catch, or add .catch().',
      'Look for async functions that are called without await, such as event listeners and timers.',
    ],
    link: 'https://nodejs.org/api/process.html#event-unhandledrejection',
    isGeneral: true,
  },
];
