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
 * `Error.prepareStackTrace`; whatever that answers is the stack from then on, so our stand-in answers what the app
 * (or Node's own formatter, a function since Node 20) would have: the text printed afterwards is the same to the byte.
 * Known limit: a header is made when the stack is first read, so a handler that changes `message` before it reads
 * `stack` for the first time still logs the old header.
 * @param {any} error
 */
function framesOfError(error) {
  const prepare = ErrorClass.prepareStackTrace;
  let sites = null;
  let stack;
  const read = () => {
    stack = error.stack;
    return true;
  };
  // Node 18 has no formatter to call, and with source maps its text is not ours to make.
  const hooked =
    typeof prepare === 'function' || (prepare === undefined && !mapsSources())
      ? withErrorSetting(
          'prepareStackTrace',
          (subject, structured) => {
            if (subject === error) sites = structured;
            return prepare
              ? apply(prepare, ErrorClass, [subject, structured])
              : defaultText(subject, structured);
          },
          read,
        )
      : undefined;
  if (!hooked) read();
  if (sites !== null) {
    const frames = callSites.framesOf(sites);
    if (typeof stack === 'string') addPrinted(frames, stack, sites.length);
    return { source: frames.length > 0 ? 'call-site' : 'none', frames };
  }
  const limit = ErrorClass.stackTraceLimit;
  const frames =
    typeof stack === 'string'
      ? framesOfText(stack, headerOf(error), typeof limit === 'number' ? limit : 0)
      : [];
  return { source: frames.length > 0 ? 'text' : 'none', frames };
}

/**
 * Loaders that transpile in memory, and Node with source maps, print other positions than V8's: those of the source.
 * They are kept beside V8's where the text has one line for each call.
 */
function addPrinted(frames, stack, calls) {
  const lines = calls === frames.length ? framesOfText(stack, null, calls) : [];
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

module.exports = { framesOfError };
