import type { CandidateRecord, RawFrame, ThrownValue } from '../../model/probe-record.ts';
import {
  array,
  asObject,
  bad,
  boolean,
  integer,
  integerOrNull,
  literal,
  number,
  own,
  readJsonObject,
  string,
  stringOrNull,
} from './record-reader.ts';

const MAX_MESSAGE = 1_048_576;
/** Recursion is folded later. */
const MAX_FRAMES = 2000;
const MAX_DEPTH = 8;
const MAX_MEMBERS = 10;
const MAX_VALUES = 40;
const MAX_POSITION = 2 ** 31;

/** Parses `record-<n>.json`; throws BAD_RECORD for anything that is not a whole CandidateRecord. */
export function parseCandidate(text: string): CandidateRecord {
  const json = readJsonObject(text);
  const thrown = own(json, 'thrown');
  return {
    v: literal(json, 'v', [1]),
    type: literal(json, 'type', ['candidate']),
    pid: integer(json, 'pid', 1),
    event: literal(json, 'event', ['uncaught', 'rejection', 'handled-rejection', 'exit', 'abort']),
    atMs: number(json, 'atMs', 0),
    uptimeS: number(json, 'uptimeS', 0),
    thrown: thrown === null ? null : parseThrown(thrown, 0, { values: 0 }),
    callerFrames: array(json, 'callerFrames', MAX_FRAMES).map(parseFrame),
    exitCode: integerOrNull(json, 'exitCode', -MAX_POSITION, 2 ** 32),
    appHandles: boolean(json, 'appHandles'),
    tookMs: own(json, 'tookMs') === null ? null : number(json, 'tookMs', 0),
    stderrOffset: integerOrNull(json, 'stderrOffset', 0),
  };
}

/** @param total counts the values of the whole record, however they nest */
function parseThrown(value: unknown, depth: number, total: { values: number }): ThrownValue {
  total.values += 1;
  if (depth > MAX_DEPTH || total.values > MAX_VALUES) throw bad('thrown values nest too deep');
  const json = asObject(value, 'thrown');
  const message = string(json, 'message', MAX_MESSAGE);
  const cause = own(json, 'cause');
  const errors = array(json, 'errors', MAX_MEMBERS);
  return {
    isError: boolean(json, 'isError'),
    type: string(json, 'type', 256),
    code: stringOrNull(json, 'code', 256),
    message,
    messageLength: integer(json, 'messageLength', message.length),
    frameSource: frameSource(json),
    frames: array(json, 'frames', MAX_FRAMES).map(parseFrame),
    stackOverflow: boolean(json, 'stackOverflow'),
    cause: cause === null ? null : parseThrown(cause, depth + 1, total),
    errors: errors.map((member) => parseThrown(member, depth + 1, total)),
    errorsTotal: integer(json, 'errorsTotal', errors.length),
    // A worker that an earlier version started may outlive it.
    emitter: Object.hasOwn(json, 'emitter') && json.emitter !== null ? parseEmitter(json.emitter) : null,
  };
}

function parseEmitter(value: unknown): ThrownValue['emitter'] {
  const json = asObject(value, 'emitter');
  return {
    type: string(json, 'type', 256),
    frameSource: frameSource(json),
    frames: array(json, 'frames', MAX_FRAMES).map(parseFrame),
  };
}

function frameSource(json: Readonly<Record<string, unknown>>): ThrownValue['frameSource'] {
  return literal(json, 'frameSource', ['call-site', 'text', 'none']);
}

function parseFrame(value: unknown): RawFrame {
  const json = asObject(value, 'frame');
  return {
    function: stringOrNull(json, 'function', 512),
    file: stringOrNull(json, 'file', 4096),
    line: integerOrNull(json, 'line', 1, MAX_POSITION),
    column: integerOrNull(json, 'column', 1, MAX_POSITION),
    async: boolean(json, 'async'),
    ...(Object.hasOwn(json, 'scriptHash') ? { scriptHash: hash(json) } : {}),
    ...(Object.hasOwn(json, 'printed') ? { printed: parsePrinted(json.printed) } : {}),
    ...(Object.hasOwn(json, 'wasm') ? { wasm: parseWasm(json.wasm) } : {}),
  };
}

function hash(json: Readonly<Record<string, unknown>>): string {
  const text = string(json, 'scriptHash', 64);
  if (!/^[0-9a-f]{64}$/.test(text)) throw bad('scriptHash is no hash');
  return text;
}

function parsePrinted(value: unknown): NonNullable<RawFrame['printed']> {
  const json = asObject(value, 'printed');
  return {
    file: string(json, 'file', 4096),
    line: integer(json, 'line', 1, MAX_POSITION),
    column: integerOrNull(json, 'column', 1, MAX_POSITION),
  };
}

function parseWasm(value: unknown): NonNullable<RawFrame['wasm']> {
  const json = asObject(value, 'wasm');
  return {
    functionIndex: integer(json, 'functionIndex', 0, 10_000_000),
    byteOffset: integer(json, 'byteOffset', 0, 2 ** 32),
  };
}
