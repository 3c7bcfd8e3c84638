import type { ClaimRecord } from '../../model/probe-record.ts';
import { RUNTIMES } from '../../model/runtime.ts';
import {
  array,
  bad,
  integer,
  literal,
  number,
  readJsonObject,
  string,
  stringOrNull,
} from './record-reader.ts';

const MAX_PATH = 4096;
const MAX_EVAL_SOURCE = 65_536;
const MAX_HEAP_FLAGS = 8;

/** Parses `claim.json`; throws BAD_RECORD for anything that is not a whole ClaimRecord. */
export function parseClaim(text: string): ClaimRecord {
  const json = readJsonObject(text);
  return {
    v: literal(json, 'v', [1]),
    type: literal(json, 'type', ['claim']),
    // A worker that an earlier version started may outlive it.
    runtime: Object.hasOwn(json, 'runtime') ? literal(json, 'runtime', RUNTIMES) : 'node',
    pid: integer(json, 'pid', 1),
    version: string(json, Object.hasOwn(json, 'nodeVersion') ? 'nodeVersion' : 'version', 64),
    mainScript: stringOrNull(json, 'mainScript', MAX_PATH),
    cwd: string(json, 'cwd', MAX_PATH),
    evalSource: stringOrNull(json, 'evalSource', MAX_EVAL_SOURCE),
    execPath: string(json, 'execPath', MAX_PATH),
    heapFlags: array(json, 'heapFlags', MAX_HEAP_FLAGS).map(heapFlag),
    atMs: number(json, 'atMs', 0),
  };
}

/** It is given to a program: nothing but sizes passes. */
function heapFlag(value: unknown): string {
  if (typeof value !== 'string' || !/^--(?:max|min|initial)[-_][a-z_-]{1,30}[-_]size=\d{1,9}$/.test(value)) {
    throw bad('heapFlags');
  }
  return value;
}
