// @ts-check
'use strict';
const withErrorSetting = require('./error-settings.cjs').withErrorSetting;
const callSites = require('./call-sites.cjs');
const framesOfText = require('./stack-text.cjs').framesOfText;
const errorToString = Error.prototype.toString;
const apply = Reflect.apply;
const ErrorClass = Error;

/**
 * Frames of an error. V8 formats a stack when it is first read and hands the call sites to
 * `Error.prepareStackTrace`; whatever that returns is the stack from then on, so our stand-in returns what the app
 * (or Node's own formatter, a function since Node 20) would have: the text printed afterwards is the same to the byte.
 * Known limit: a header is made when the stack is first read, so a handler that changes `message` before it reads
 * `stack` for the first time still logs the old header.
 * @param {any} error
 */
function framesOfError(error) {
  const { sites, text } = readStack(
    () => error.stack,
    (subject) => subject === error,
  );
  return framesFrom(sites, text, headerOf(error));
}

/**
 * The emitter of an 'error' event without listeners, and the calls that led there; null for any other error. Node keeps
 * them in a function beside the error, by which it prints "Emitted 'error' event at:" before it exits. They are
 * the only calls of an error that was made by Node's C++. The error's own stack must have been read before.
 * @param {any} error
 */
function emitterOf(error) {
  const mark = Object.getOwnPropertySymbols(error).find((symbol) => symbol.description === ENHANCE);
  const descriptor = mark === undefined ? undefined : Object.getOwnPropertyDescriptor(error, mark);
  const enhance = descriptor === undefined ? undefined : descriptor.value;
  if (typeof enhance !== 'function' || enhance.name !== 'bound enhanceStackTrace') return null;
  const { sites, text } = readStack(enhance, (subject) => subject !== error);
  const stack = error.stack;
  if (typeof text !== 'string' || typeof stack !== 'string' || !text.startsWith(stack)) return null;
  const heading = EMITTED.exec(text.slice(stack.length));
  if (heading === null) return null;
  const { source, frames } = framesFrom(sites, text.slice(stack.length + heading[0].length - 1), null);
  return { type: heading[1] || 'EventEmitter', frameSource: source, frames };
}

const ENHANCE = 'kEnhanceStackBeforeInspector';
const EMITTED = /^\nEmitted 'error' event(?: on (.{1,256}) instance)? at:\n/;

/**
 * Runs `read`, which makes V8 format a stack if that was not done before.
 * @param {() => unknown} read
 * @param {(subject: unknown) => boolean} isWanted of the stacks that are formatted meanwhile
 * @returns {{sites: any[] | null, text: unknown}}
 */
function readStack(read, isWanted) {
  const prepare = ErrorClass.prepareStackTrace;
  let sites = null;
  let text;
  const run = () => {
    text = read();
    return true;
  };
  // Node 18 has no formatter to call, and with source maps its text is not ours to make.
  const hooked =
    typeof prepare === 'function' || (prepare === undefined && !mapsSources())
      ? withErrorSetting(
          'prepareStackTrace',
          (subject, structured) => {
            if (isWanted(subject)) sites = structured;
            return prepare
              ? apply(prepare, ErrorClass, [subject, structured])
              : defaultText(subject, structured);
          },
          run,
        )
      : undefined;
  if (!hooked) run();
  return { sites, text };
}

/** @param {any[] | null} sites @param {unknown} text @param {string | null} header */
function framesFrom(sites, text, header) {
  if (sites !== null) {
    const frames = callSites.framesOf(sites);
    if (typeof text === 'string') addPrinted(frames, text, sites);
    return { source: frames.length > 0 ? 'call-site' : 'none', frames };
  }
  const limit = ErrorClass.stackTraceLimit;
  const frames =
    typeof text === 'string' ? framesOfText(text, header, typeof limit === 'number' ? limit : 0) : [];
  return { source: frames.length > 0 ? 'text' : 'none', frames };
}

/**
 * Loaders that transpile in memory, and Node with source maps, print other positions than V8's: those of the source.
 * They are kept beside V8's where the text has one line for each call.
 */
function addPrinted(frames, stack, sites) {
  const calls = sites.length;
  // Usually V8's own text: reading its lines would take a third of the record's time.
  if (calls !== frames.length || stack.endsWith(callSites.textOf(sites))) return;
  const lines = framesOfText(stack, null, calls);
  if (lines.length !== calls) return;
  for (let i = 0; i < calls; i++) {
    const { file, line, column } = lines[i];
    const isSame = line === frames[i].line && column === frames[i].column;
    if (file === null || line === null || frames[i].line === null || isSame) continue;
    if (line < MAX_POSITION && column < MAX_POSITION) frames[i].printed = { file, line, column };
  }
}

const MAX_POSITION = 2147483648;

/** What Node 18 makes of a stack (lib/internal/errors.js, prepareStackTrace). */
function defaultText(error, sites) {
  const header = headerOf(error);
  return sites.length === 0 ? header : `${header}\n    at ${sites.join('\n    at ')}`;
}

function headerOf(error) {
  const marked = Object.getOwnPropertySymbols(error).some((symbol) => symbol.description === 'kIsNodeError');
  if (marked) return `${error.name} [${error.code}]: ${error.message}`;
  return apply(errorToString, error, []);
}

function mapsSources() {
  if (process.sourceMapsEnabled === true) return true;
  const flags = `${process.execArgv.join(' ')} ${process.env.NODE_OPTIONS || ''}`;
  return flags.indexOf('--enable-source-maps') !== -1;
}

module.exports = { framesOfError, emitterOf };
