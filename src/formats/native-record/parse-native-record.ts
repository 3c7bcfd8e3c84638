import type { Register } from '../../model/crash-report.ts';
import {
  ABORT_KINDS,
  ADDRESS_CLASSES,
  FAULT_SUMMARIES,
  type FaultClassification,
} from '../../model/fault.ts';
import { DUMP_PROBLEMS, type NativeRecord } from '../../model/native-record.ts';
import type { JavaScriptCall } from '../../model/native-stack.ts';
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
} from '../probe-record/record-reader.ts';

const MAX_TEXT = 65_536;
const MAX_PATH = 4200;
const MAX_CALLS = 1000;
const MAX_REGISTERS = 100;
const MAX_THREADS = 10_000_000;

type Json = ReturnType<typeof asObject>;

/** Parses `native.json`; throws BAD_RECORD for anything that is not a whole NativeRecord. */
export function parseNativeRecord(text: string): NativeRecord {
  const json = readJsonObject(text);
  return {
    v: literal(json, 'v', [1]),
    fault: fault(asObject(own(json, 'fault'), 'fault')),
    executable: string(json, 'executable', MAX_PATH),
    holdMs: number(json, 'holdMs', 0),
    threadCount: integer(json, 'threadCount', 0, MAX_THREADS),
    missingThreads: integer(json, 'missingThreads', 0, MAX_THREADS),
    registers: array(json, 'registers', MAX_REGISTERS).map((value) =>
      registerOf(asObject(value, 'register')),
    ),
    calls: array(json, 'calls', MAX_CALLS).map((value) => call(asObject(value, 'call'))),
    dumpProblems: array(json, 'dumpProblems', DUMP_PROBLEMS.length).map((value) => {
      const known = DUMP_PROBLEMS.find((name) => name === value);
      if (known === undefined) throw bad('dumpProblems has an unknown value');
      return known;
    }),
    hasDump: boolean(json, 'hasDump'),
  };
}

function fault(json: Json): FaultClassification {
  return {
    kind: literal(json, 'kind', ['fault', 'abort', 'stack-overflow']),
    summary: literal(json, 'summary', FAULT_SUMMARIES),
    signal: integer(json, 'signal', 1, 64),
    siCode: integerOrNull(json, 'siCode', -1_000_000, 1_000_000),
    faultAddress: own(json, 'faultAddress') === null ? null : address(json, 'faultAddress'),
    addressClass: own(json, 'addressClass') === null ? null : literal(json, 'addressClass', ADDRESS_CLASSES),
    systemCall: integerOrNull(json, 'systemCall', 0),
    abortKind: own(json, 'abortKind') === null ? null : literal(json, 'abortKind', ABORT_KINDS),
    abortText: stringOrNull(json, 'abortText', MAX_TEXT),
    cxxExceptionType: stringOrNull(json, 'cxxExceptionType', MAX_TEXT),
  };
}

function registerOf(json: Json): Register {
  return { name: string(json, 'name', 16), value: `0x${address(json, 'value').toString(16)}` };
}

function call(json: Json): JavaScriptCall {
  return {
    address: address(json, 'address'),
    function: stringOrNull(json, 'function', MAX_TEXT),
    script: stringOrNull(json, 'script', MAX_TEXT),
    position: integerOrNull(json, 'position', 0),
  };
}

function address(json: Json, key: string): bigint {
  const text = string(json, key, 18);
  if (!/^0x[0-9a-f]{1,16}$/.test(text)) throw bad(`${key} is no address`);
  return BigInt(text);
}
