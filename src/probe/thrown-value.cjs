// @ts-check
'use strict';
const types = require('util').types;
const errorStack = require('./error-stack.cjs');

const MAX_MESSAGE = 1048576;
const MAX_DEPTH = 8;
const MAX_MEMBERS = 10;
/** Values described in one record, causes and members together. */
const MAX_VALUES = 40;

const ErrorClass = Error;
const hasOwn = Object.prototype.hasOwnProperty;

/**
 * ThrownValue (src/model/probe-record.ts) of anything that can be thrown. Getters are the app's code and may throw
 * or lie; of a Proxy nothing is asked at all.
 * @param {any} value
 */
function describeThrown(value) {
  return describe(value, 0, { left: MAX_VALUES, seen: [] });
}

/** @param {any} value @param {number} depth @param {{left: number, seen: any[]}} budget */
function describe(value, depth, budget) {
  budget.left--;
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  const opaque = isObject && types.isProxy(value);
  const isError = isObject && !opaque && isErrorObject(value);
  const message = opaque ? '' : messageOf(value, isObject);
  const thrown = {
    isError,
    type: opaque ? 'Proxy' : typeOf(value, isObject, isError),
    code: null,
    message: message.slice(0, MAX_MESSAGE),
    messageLength: message.length,
    frameSource: 'none',
    frames: [],
    stackOverflow: false,
    cause: null,
    errors: [],
    errorsTotal: 0,
    emitter: null,
  };
  if (!isObject || opaque) return thrown;
  budget.seen.push(value);

  const code = get(value, 'code');
  if (typeof code === 'string') thrown.code = code.slice(0, 256);
  if (isError || hasStack(value)) {
    try {
      const stack = errorStack.framesOfError(value);
      thrown.frameSource = stack.source;
      thrown.frames = stack.frames;
    } catch {
      // A stack that cannot be read stays 'none'.
    }
    try {
      if (depth === 0 && isError) thrown.emitter = errorStack.emitterOf(value);
    } catch {
      // Then nothing is known of it.
    }
  }
  if (!isError) return thrown;
  thrown.stackOverflow =
    types.isNativeError(value) &&
    thrown.type === 'RangeError' &&
    message === 'Maximum call stack size exceeded';
  describeRelatives(value, thrown, depth, budget);
  return thrown;
}

function describeRelatives(value, thrown, depth, budget) {
  const goOn = (relative) =>
    depth < MAX_DEPTH && budget.left > 0 && relative !== undefined && budget.seen.indexOf(relative) === -1;
  const cause = get(value, 'cause');
  if (goOn(cause)) thrown.cause = describe(cause, depth + 1, budget);
  const members = thrown.type === 'AggregateError' || isAggregate(value) ? get(value, 'errors') : undefined;
  if (!Array.isArray(members) || types.isProxy(members)) return;
  thrown.errorsTotal = members.length;
  for (let i = 0; i < members.length && i < MAX_MEMBERS; i++) {
    const member = get(members, i);
    if (goOn(member)) thrown.errors.push(describe(member, depth + 1, budget));
  }
}

function isErrorObject(value) {
  try {
    return types.isNativeError(value) || value instanceof ErrorClass;
  } catch {
    return false;
  }
}

function isAggregate(value) {
  try {
    return typeof AggregateError === 'function' && value instanceof AggregateError;
  } catch {
    return false;
  }
}

function hasStack(value) {
  try {
    return apply(hasOwn, value, ['stack']);
  } catch {
    return false;
  }
}
const apply = Reflect.apply;

function typeOf(value, isObject, isError) {
  if (value === null) return 'null';
  if (!isObject) return typeof value;
  let name = get(get(value, 'constructor'), 'name');
  // Older Nodes make their own errors with one class of this name.
  if (isError && name === 'NodeError') name = get(value, 'name');
  if (typeof name === 'string' && name !== '') return name.slice(0, 256);
  return isError ? 'Error' : 'Object';
}

function messageOf(value, isObject) {
  if (!isObject) return typeof value === 'string' ? value : String(value);
  const message = get(value, 'message');
  if (typeof message === 'string') return message;
  return typeof message === 'number' || typeof message === 'boolean' ? String(message) : '';
}

/** @param {any} object @param {string | number} key */
function get(object, key) {
  try {
    return object === undefined || object === null ? undefined : object[key];
  } catch {
    return undefined;
  }
}

module.exports = { describeThrown };
