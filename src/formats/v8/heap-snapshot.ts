/** What of a heap holds most memory. Names of constructors, and numbers. */
export type HeapClasses = {
  objects: number;
  bytes: number;
  /** Largest `heldBytes` first. */
  classes: HeapClass[];
};

/** `heldBytes`: with the strings, arrays, maps and plain objects that its objects were found to hold first. */
export type HeapClass = { name: string; count: number; heldBytes: number };

/** Not a heap snapshot, or one that is damaged or too large. */
export class NotASnapshot extends Error {}

type Layout = {
  nodeCount: number;
  node: { fields: number; type: number; name: number; size: number; edges: number };
  edge: { fields: number; type: number; to: number };
  types: string[];
  weak: number;
};

type Phase = 'head' | 'nodes' | 'to-edges' | 'edges' | 'to-strings' | 'strings' | 'done';

const MOST_HEAD_BYTES = 64 * 1024;
/** 17 bytes of memory each. */
const MOST_NODES = 20_000_000;
const MOST_CLASSES = 20;
/** Of constructors; what has another one is unnamed. */
const MOST_NAMES = 100_000;
/** What objects of other classes are made of. */
const PLAIN = new Set(['Object', 'Array', 'Map', 'Set']);
const MOST_NAME_BYTES = 200;
/** How far up what holds a string or an array is looked for. */
const MOST_STEPS = 32;
const NONE = 0xffffffff;
const [QUOTE, BACKSLASH, END, ZERO, NINE] = [0x22, 0x5c, 0x5d, 0x30, 0x39];

/**
 * Reads a `.heapsnapshot` of V8 in pieces (the format of DevTools: heap-snapshot-generator.cc), in memory that its number of objects
 * bounds, whatever the size of its strings.
 */
export class HeapSnapshotReader {
  #phase: Phase = 'head';
  #head = '';
  #layout: Layout | null = null;
  #types = new Uint8Array(0);
  #names = new Uint32Array(0);
  #sizes = new Uint32Array(0);
  #edgeCounts = new Uint32Array(0);
  /** The first object that refers to it, but for roots. */
  #holders = new Uint32Array(0);
  #value = 0;
  #hasValue = false;
  /** Of the numbers of a list. */
  #at = 0;
  #from = 0;
  #edgesLeft = 0;
  #edgeType = 0;
  #found = 0;
  #string = 0;
  #inString = false;
  #escaped = false;
  /** By the number of the string. */
  readonly #classNames = new Map<number, string>();
  #text: number[] | null = null;

  /** @throws NotASnapshot */
  add(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#phase === 'head') at = this.#readHead(bytes);
      else if (this.#phase === 'nodes' || this.#phase === 'edges') at = this.#readNumbers(bytes, at);
      else if (this.#phase === 'to-edges') at = this.#seek(bytes, at, EDGES, 'edges');
      else if (this.#phase === 'to-strings') at = this.#seek(bytes, at, STRINGS, 'strings');
      else if (this.#phase === 'strings') at = this.#readStrings(bytes, at);
      else return;
    }
  }

  /** @throws NotASnapshot if the end is missing */
  end(): HeapClasses {
    if (this.#layout === null || this.#phase !== 'done') throw new NotASnapshot();
    return this.#count(this.#layout);
  }

  #readHead(bytes: Uint8Array): number {
    const before = this.#head.length;
    this.#head += Buffer.from(bytes.subarray(0, MOST_HEAD_BYTES)).toString('latin1');
    const end = this.#head.indexOf(NODES);
    if (end === -1 && this.#head.length >= MOST_HEAD_BYTES) throw new NotASnapshot();
    if (end === -1) return bytes.length;
    const layout = layoutOf(`${this.#head.slice(0, end).trimEnd().replace(/,$/, '')}}`);
    this.#layout = layout;
    this.#types = new Uint8Array(layout.nodeCount);
    this.#names = new Uint32Array(layout.nodeCount);
    this.#sizes = new Uint32Array(layout.nodeCount);
    this.#edgeCounts = new Uint32Array(layout.nodeCount);
    this.#holders = new Uint32Array(layout.nodeCount).fill(NONE);
    this.#phase = 'nodes';
    return end + NODES.length - before;
  }

  /** A list of numbers, which can be cut anywhere. */
  #readNumbers(bytes: Uint8Array, from: number): number {
    const { length } = bytes;
    for (let at = from; at < length; at++) {
      const byte = bytes[at] as number;
      if (byte >= ZERO && byte <= NINE) {
        this.#value = this.#value * 10 + (byte - ZERO);
        this.#hasValue = true;
        continue;
      }
      if (this.#hasValue) {
        if (this.#phase === 'nodes') this.#node(this.#value);
        else this.#edge(this.#value);
        this.#value = 0;
        this.#hasValue = false;
      }
      if (byte !== END) continue;
      this.#at = 0;
      this.#endList();
      return at + 1;
    }
    return length;
  }

  #node(value: number): void {
    const { node, nodeCount } = this.#layout as Layout;
    const field = this.#at % node.fields;
    const index = (this.#at - field) / node.fields;
    if (index >= nodeCount) throw new NotASnapshot();
    this.#at += 1;
    if (field === node.type) this.#types[index] = value;
    else if (field === node.name) this.#names[index] = value;
    else if (field === node.size) this.#sizes[index] = Math.min(value, NONE);
    else if (field === node.edges) this.#edgeCounts[index] = value;
  }

  #edge(value: number): void {
    const { node, edge, nodeCount, weak, types } = this.#layout as Layout;
    const field = this.#at % edge.fields;
    this.#at += 1;
    if (field === 0) {
      while (this.#edgesLeft === 0) {
        if (this.#from >= nodeCount) throw new NotASnapshot();
        this.#edgesLeft = this.#edgeCounts[this.#from] as number;
        this.#from += 1;
      }
      this.#edgesLeft -= 1;
    }
    if (field === edge.type) this.#edgeType = value;
    if (field !== edge.to || this.#edgeType === weak) return;
    const to = value / node.fields;
    const holder = this.#from - 1;
    if (this.#holders[to] !== NONE || to === holder) return;
    if (types[this.#types[holder] as number] !== 'synthetic') this.#holders[to] = holder;
  }

  #endList(): void {
    if (this.#phase === 'nodes') this.#nameClasses();
    this.#phase = this.#phase === 'nodes' ? 'to-edges' : 'to-strings';
  }

  #nameClasses(): void {
    for (const [index, name] of this.#names.entries()) {
      if (this.#isObject(index)) this.#classNames.set(name, '');
      if (this.#classNames.size >= MOST_NAMES) return;
    }
  }

  #isObject(index: number): boolean {
    const type = (this.#layout as Layout).types[this.#types[index] as number];
    return type === 'object' || type === 'native';
  }

  #count({ nodeCount, types }: Layout): HeapClasses {
    const classes = new Map<string, HeapClass>();
    let bytes = 0;
    for (let index = 0; index < nodeCount; index++) {
      const size = this.#sizes[index] as number;
      bytes += size;
      const owner = this.#ownerOf(index);
      const name =
        owner === NONE ? `(${types[this.#types[index] as number] ?? 'other'})` : this.#nameOf(owner);
      const found = classes.get(name) ?? { name, count: 0, heldBytes: 0 };
      found.heldBytes += size;
      if (owner === index || owner === NONE) found.count += 1;
      classes.set(name, found);
    }
    const largest = [...classes.values()].sort((one, other) => other.heldBytes - one.heldBytes);
    return { objects: nodeCount, bytes, classes: largest.slice(0, MOST_CLASSES) };
  }

  #nameOf(index: number): string {
    return this.#classNames.get(this.#names[index] as number) || '(unnamed)';
  }

  /** The object of a class of its own that something is a part of, else any; NONE: it is part of none. */
  #ownerOf(index: number): number {
    let plain = NONE;
    let at = index;
    for (let step = 0; step < MOST_STEPS && at !== NONE; step++) {
      if (this.#isObject(at)) {
        if (!PLAIN.has(this.#nameOf(at))) return at;
        if (plain === NONE) plain = at;
      }
      at = this.#holders[at] as number;
    }
    return plain;
  }

  /** Everything until a name is passed over. */
  #seek(bytes: Uint8Array, from: number, name: Buffer, next: Phase): number {
    for (let at = from; at < bytes.length; at++) {
      this.#found = bytes[at] === name[this.#found] ? this.#found + 1 : bytes[at] === name[0] ? 1 : 0;
      if (this.#found < name.length) continue;
      this.#found = 0;
      this.#phase = next;
      return at + 1;
    }
    return bytes.length;
  }

  #readStrings(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (!this.#inString) {
        if (byte === END) {
          this.#phase = 'done';
          return bytes.length;
        }
        if (byte !== QUOTE) continue;
        this.#inString = true;
        this.#text = this.#classNames.has(this.#string) ? [] : null;
      } else if (this.#escaped) {
        this.#escaped = false;
        this.#keep(byte);
      } else if (byte === QUOTE) {
        if (this.#text !== null) this.#classNames.set(this.#string, nameOf(this.#text));
        this.#inString = false;
        this.#string += 1;
      } else {
        this.#escaped = byte === BACKSLASH;
        this.#keep(byte);
      }
    }
    return bytes.length;
  }

  #keep(byte: number): void {
    if (this.#text !== null && this.#text.length < MOST_NAME_BYTES) this.#text.push(byte);
  }
}

const NODES = '"nodes":[';
const [EDGES, STRINGS] = [Buffer.from('"edges":['), Buffer.from('"strings":[')];

function nameOf(bytes: readonly number[]): string {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    // Cut within an escape.
    return text;
  }
}

function layoutOf(text: string): Layout {
  try {
    const { snapshot } = JSON.parse(text) as { snapshot: Record<string, unknown> };
    const { node_fields, node_types, edge_fields, edge_types } = snapshot.meta as Record<string, unknown[]>;
    const nodeCount = Number(snapshot.node_count);
    const types = (node_types?.[0] ?? []) as string[];
    const layout: Layout = {
      ...{ nodeCount, types, weak: ((edge_types?.[0] ?? []) as string[]).indexOf('weak') },
      node: {
        fields: node_fields?.length ?? 0,
        type: indexIn(node_fields, 'type'),
        name: indexIn(node_fields, 'name'),
        size: indexIn(node_fields, 'self_size'),
        edges: indexIn(node_fields, 'edge_count'),
      },
      edge: {
        fields: edge_fields?.length ?? 0,
        type: indexIn(edge_fields, 'type'),
        to: indexIn(edge_fields, 'to_node'),
      },
    };
    if (Number.isInteger(nodeCount) && nodeCount > 0 && nodeCount <= MOST_NODES) return layout;
  } catch {
    // Below.
  }
  throw new NotASnapshot();
}

function indexIn(fields: unknown[] | undefined, name: string): number {
  const index = fields?.indexOf(name) ?? -1;
  if (index === -1) throw new NotASnapshot();
  return index;
}
