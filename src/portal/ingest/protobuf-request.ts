// Reads the wire format of protobuf (protobuf.dev/programming-guides/encoding) into objects with the names of OTLP's
// JSON. Hand-written, because generated readers build as many objects as the sender requests.
import { isUtf8 } from 'node:buffer';
import type { Extent } from './json-extent.ts';

type Scalar = 'string' | 'bytes' | 'bool' | 'int32' | 'int64' | 'double' | 'fixed64';
type Field = { name: string; type: Scalar | MessageName; isList?: true };
type MessageName =
  | 'Request'
  | 'ResourceLogs'
  | 'Resource'
  | 'ScopeLogs'
  | 'LogRecord'
  | 'KeyValue'
  | 'AnyValue'
  | 'ArrayValue'
  | 'KeyValueList';

/** By field number; other fields are skipped. */
const MESSAGES: Readonly<Record<MessageName, Readonly<Record<number, Field>>>> = {
  Request: { 1: { name: 'resourceLogs', type: 'ResourceLogs', isList: true } },
  ResourceLogs: {
    1: { name: 'resource', type: 'Resource' },
    2: { name: 'scopeLogs', type: 'ScopeLogs', isList: true },
  },
  Resource: { 1: { name: 'attributes', type: 'KeyValue', isList: true } },
  ScopeLogs: { 2: { name: 'logRecords', type: 'LogRecord', isList: true } },
  LogRecord: {
    1: { name: 'timeUnixNano', type: 'fixed64' },
    2: { name: 'severityNumber', type: 'int32' },
    5: { name: 'body', type: 'AnyValue' },
    6: { name: 'attributes', type: 'KeyValue', isList: true },
    11: { name: 'observedTimeUnixNano', type: 'fixed64' },
    12: { name: 'eventName', type: 'string' },
  },
  KeyValue: { 1: { name: 'key', type: 'string' }, 2: { name: 'value', type: 'AnyValue' } },
  AnyValue: {
    1: { name: 'stringValue', type: 'string' },
    2: { name: 'boolValue', type: 'bool' },
    3: { name: 'intValue', type: 'int64' },
    4: { name: 'doubleValue', type: 'double' },
    5: { name: 'arrayValue', type: 'ArrayValue' },
    6: { name: 'kvlistValue', type: 'KeyValueList' },
    7: { name: 'bytesValue', type: 'bytes' },
  },
  ArrayValue: { 1: { name: 'values', type: 'AnyValue', isList: true } },
  KeyValueList: { 1: { name: 'values', type: 'KeyValue', isList: true } },
};

const WIRE = { varint: 0, bits64: 1, bytes: 2, bits32: 5 } as const;
const WIRE_OF: Readonly<Record<Scalar, number>> = {
  string: WIRE.bytes,
  bytes: WIRE.bytes,
  bool: WIRE.varint,
  int32: WIRE.varint,
  int64: WIRE.varint,
  double: WIRE.bits64,
  fixed64: WIRE.bits64,
};
const EMPTY = Buffer.alloc(0);

/** Why the request cannot be read. */
export type ProtobufFault = keyof Extent | 'format' | 'text';
export class BadProtobuf extends Error {
  readonly fault: ProtobufFault;

  constructor(fault: ProtobufFault) {
    super(`protobuf: ${fault}`);
    this.fault = fault;
  }
}

type Json = Record<string, unknown>;

/** An ExportLogsServiceRequest. @throws BadProtobuf */
export function readProtobuf(bytes: Buffer, limits: Extent): Json {
  return new ProtobufReader(bytes, limits).message('Request', bytes.length, 1);
}

class ProtobufReader {
  readonly #bytes: Buffer;
  readonly #limits: Extent;
  #at = 0;
  #fields = 0;

  constructor(bytes: Buffer, limits: Extent) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  message(name: MessageName, end: number, depth: number): Json {
    if (depth > this.#limits.depth) throw new BadProtobuf('depth');
    const fields = MESSAGES[name];
    const read: Json = {};
    while (this.#at < end) {
      if (++this.#fields > this.#limits.values) throw new BadProtobuf('values');
      const tag = this.#small(end);
      const wire = tag & 7;
      const field = fields[tag >>> 3];
      if (field === undefined) {
        if (tag < 8) throw new BadProtobuf('format');
        this.#skip(wire, end);
        continue;
      }
      const value = this.#value(field.type, wire, end, depth);
      if (field.isList !== true) read[field.name] = value;
      else if (read[field.name] === undefined) read[field.name] = [value];
      else (read[field.name] as unknown[]).push(value);
    }
    return read;
  }

  #value(type: Field['type'], wire: number, end: number, depth: number): unknown {
    const isScalar = type in WIRE_OF;
    if (wire !== (isScalar ? WIRE_OF[type as Scalar] : WIRE.bytes)) throw new BadProtobuf('format');
    switch (type) {
      case 'string':
        return this.#text(this.#end(end));
      case 'bytes':
        // Bytes are not used, only their presence.
        this.#at = this.#end(end);
        return EMPTY;
      case 'bool':
        return this.#long(end) !== 0n;
      case 'int32':
        return Number(BigInt.asIntN(32, this.#long(end)));
      case 'int64':
        return `${BigInt.asIntN(64, this.#long(end))}`;
      case 'double':
        return this.#bytes.readDoubleLE(this.#fixed(8, end));
      case 'fixed64':
        return `${this.#bytes.readBigUInt64LE(this.#fixed(8, end))}`;
      default:
        return this.message(type, this.#end(end), depth + 1);
    }
  }

  #skip(wire: number, end: number): void {
    if (wire === WIRE.varint) this.#long(end);
    else if (wire === WIRE.bits64) this.#fixed(8, end);
    else if (wire === WIRE.bytes) this.#at = this.#end(end);
    else if (wire === WIRE.bits32) this.#fixed(4, end);
    // Groups are not part of proto3.
    else throw new BadProtobuf('format');
  }

  #text(end: number): string {
    const from = this.#at;
    this.#at = end;
    const text = this.#bytes.toString('utf8', from, end);
    if (text.includes('\ufffd') && !isUtf8(this.#bytes.subarray(from, end))) throw new BadProtobuf('text');
    return text;
  }

  /** Reads a length. @returns the end of what follows */
  #end(end: number): number {
    const length = this.#small(end);
    if (length > end - this.#at) throw new BadProtobuf('format');
    return this.#at + length;
  }

  /** Skips bytes. @returns their start */
  #fixed(size: number, end: number): number {
    const from = this.#at;
    if (size > end - from) throw new BadProtobuf('format');
    this.#at += size;
    return from;
  }

  /** A varint of at most 32 bits. */
  #small(end: number): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte(end);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffffffff) break;
        return value;
      }
    }
    throw new BadProtobuf('format');
  }

  /** A varint of at most 64 bits. */
  #long(end: number): bigint {
    let low = 0;
    let count = 0;
    for (; count < 7; count++) {
      const byte = this.#byte(end);
      low += (byte & 0x7f) * 2 ** (7 * count);
      if (byte < 0x80) return BigInt(low);
    }
    let value = BigInt(low);
    for (; count < 10; count++) {
      const byte = this.#byte(end);
      value |= BigInt(byte & 0x7f) << BigInt(7 * count);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new BadProtobuf('format');
  }

  #byte(end: number): number {
    if (this.#at >= end) throw new BadProtobuf('format');
    return this.#bytes[this.#at++] ?? 0;
  }
}
