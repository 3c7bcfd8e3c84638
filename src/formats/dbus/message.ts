import { DbusValues } from './read-values.ts';

/** D-Bus Specification, "Message Protocol". */
export const MESSAGE_TYPES = { call: 1, answer: 2, error: 3, signal: 4 } as const;

export type DbusMessage = {
  type: number;
  /** Empty where the message has none. */
  path: string;
  interface: string;
  member: string;
  errorName: string;
  sender: string;
  replySerial: number;
  /** Its values. @param wanted see `DbusValues.read` @throws RangeError */
  body(wanted?: ReadonlySet<string>): unknown[];
};

export type DbusCall = {
  destination: string;
  path: string;
  interface: string;
  member: string;
  /** Of strings and lists of strings: `s`, `ss`, `asas` … */
  signature?: string;
  body?: readonly (string | readonly string[])[];
};

/** Until there are so many bytes, the length of a message is not known. */
export const PRELUDE_BYTES = 16;
/** The specification allows 128 MiB. A list of ten thousand units takes 3 MB. */
export const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
const LITTLE_ENDIAN = 0x6c;
const UINT32 = 0x75;
const SIGNATURE = 0x67;
/** By their codes. */
const FIELDS = new Map<number, keyof Omit<DbusMessage, 'type' | 'body'> | 'signature'>([
  [1, 'path'],
  [2, 'interface'],
  [3, 'member'],
  [4, 'errorName'],
  [5, 'replySerial'],
  [7, 'sender'],
  [8, 'signature'],
]);

/** @param bytes at least `PRELUDE_BYTES` of a message of any byte order */
export function messageLength(bytes: Buffer): number {
  const isLittle = bytes[0] === LITTLE_ENDIAN;
  const [body, fields] = [4, 12].map((at) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)));
  return PRELUDE_BYTES + Math.ceil((fields ?? 0) / 8) * 8 + (body ?? 0);
}

/** @returns null for one of another byte order: no process of this machine sends it @throws RangeError if it is damaged */
export function readMessage(bytes: Buffer): DbusMessage | null {
  if (bytes[0] !== LITTLE_ENDIAN) return null;
  const message = {
    path: '',
    interface: '',
    member: '',
    errorName: '',
    sender: '',
    signature: '',
    replySerial: 0,
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = PRELUDE_BYTES + view.getUint32(12, true);
  // Each is a code and a variant of a simple type, in a structure.
  for (let at = PRELUDE_BYTES; at < end; at = (at + 7) & -8) {
    const code = view.getUint8(at);
    const type = view.getUint8(at + 2);
    at += 4;
    if (view.getUint8(at - 3) !== 1) throw new RangeError('a field of an unknown kind');
    const name = FIELDS.get(code);
    if (type === UINT32) {
      if (name === 'replySerial') message.replySerial = view.getUint32(at, true);
      at += 4;
      continue;
    }
    const isSignature = type === SIGNATURE;
    const length = isSignature ? view.getUint8(at) : view.getUint32(at, true);
    at += isSignature ? 1 : 4;
    if (length > end - at) throw new RangeError('a field is too long');
    if (name !== undefined && name !== 'replySerial') message[name] = bytes.toString('utf8', at, at + length);
    at += length + 1;
  }
  const begin = bytes.length - view.getUint32(4, true);
  const { signature, ...header } = message;
  return {
    ...header,
    type: view.getUint8(1),
    body: (wanted) => new DbusValues(bytes, begin).read(signature, wanted),
  };
}

export function writeCall(call: DbusCall, serial: number): Buffer {
  const { destination, path, interface: of, member, signature = '', body = [] } = call;
  const values = new Written();
  for (const value of body) {
    if (typeof value === 'string') values.text(value);
    else values.list(value);
  }
  const fields = new Written();
  const field = (code: number, type: 's' | 'o' | 'g', value: string) => {
    fields.align(8).byte(code).signature(type);
    if (type === 'g') fields.signature(value);
    else fields.text(value);
  };
  field(1, 'o', path);
  field(2, 's', of);
  field(3, 's', member);
  field(6, 's', destination);
  if (signature !== '') field(8, 'g', signature);
  const { length } = fields;
  fields.align(8);
  const prelude = Buffer.from([LITTLE_ENDIAN, MESSAGE_TYPES.call, 0, 1, ...Buffer.alloc(12)]);
  prelude.writeUInt32LE(values.length, 4);
  prelude.writeUInt32LE(serial, 8);
  prelude.writeUInt32LE(length, 12);
  return Buffer.concat([prelude, fields.bytes, values.bytes]);
}

class Written {
  bytes = Buffer.alloc(0);

  get length(): number {
    return this.bytes.length;
  }

  byte(value: number): this {
    return this.#add(Buffer.from([value]));
  }

  align(to: number): this {
    return this.#add(Buffer.alloc((to - (this.length % to)) % to));
  }

  signature(value: string): this {
    return this.byte(value.length).#add(Buffer.from(`${value}\0`));
  }

  text(value: string): this {
    const bytes = Buffer.from(value);
    return this.#length(bytes.length).#add(bytes).byte(0);
  }

  list(values: readonly string[]): this {
    const elements = new Written();
    for (const value of values) elements.text(value);
    return this.#length(elements.length).#add(elements.bytes);
  }

  #length(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return this.align(4).#add(bytes);
  }

  #add(bytes: Buffer): this {
    this.bytes = Buffer.concat([this.bytes, bytes]);
    return this;
  }
}
