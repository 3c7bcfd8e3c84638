import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { HeapSnapshotReader, NotASnapshot } from './heap-snapshot.ts';

/** As heap-snapshot-generator.cc writes it, with as few fields as there can be. */
function written(nodes: readonly number[], edges: readonly number[], strings: readonly string[]): Buffer {
  const meta = {
    node_fields: ['type', 'name', 'id', 'self_size', 'edge_count'],
    node_types: [['string', 'object', 'synthetic', 'array'], 'string', 'number', 'number', 'number'],
    edge_fields: ['type', 'name_or_index', 'to_node'],
    edge_types: [['property', 'weak'], 'string_or_number', 'node'],
  };
  const snapshot = JSON.stringify({ meta, node_count: nodes.length / 5, edge_count: edges.length / 3 });
  const list = (name: string, values: readonly unknown[]) =>
    `"${name}":[${values.map((value) => JSON.stringify(value)).join(',\n')}]`;
  return Buffer.from(
    `{"snapshot":${snapshot},\n${[list('nodes', nodes), list('edges', edges), '"trace_tree":[]', list('strings', strings)].join(',\n')}}`,
  );
}

const [STRING, OBJECT, SYNTHETIC, ARRAY] = [0, 1, 2, 3];
const [PROPERTY, WEAK] = [0, 1];
/** Roots → Order → array → string; Cart refers to the string weakly; another string belongs to nothing. */
const NODES = [
  ...[SYNTHETIC, 0, 1, 0, 3],
  ...[OBJECT, 1, 3, 100, 1],
  ...[ARRAY, 4, 5, 5000, 1],
  ...[STRING, 3, 7, 40, 0],
  ...[OBJECT, 2, 9, 70, 1],
  ...[STRING, 3, 11, 9, 0],
  ...[OBJECT, 1, 13, 100, 0],
];
const EDGES = [
  ...[PROPERTY, 0, 5, PROPERTY, 0, 20, PROPERTY, 0, 15],
  ...[PROPERTY, 0, 10],
  ...[PROPERTY, 0, 15],
  ...[WEAK, 0, 25],
];
const STRINGS = ['', 'Order', 'Cart "1"\n', 'edges":[1],"strings":["secret', ''];

function read(text: Uint8Array, pieceBytes = text.length) {
  const reader = new HeapSnapshotReader();
  for (let at = 0; at < text.length; at += pieceBytes) reader.add(text.subarray(at, at + pieceBytes));
  return reader.end();
}

describe('a heap snapshot of V8', () => {
  test('is summed up by constructor, with what objects hold, wherever it is cut', () => {
    const text = written(NODES, EDGES, STRINGS);
    for (const pieceBytes of [1, 7, 100, text.length]) {
      assert.deepEqual(read(text, pieceBytes), {
        objects: 7,
        bytes: 5319,
        classes: [
          { name: 'Order', count: 2, heldBytes: 5240 },
          { name: 'Cart "1"\n', count: 1, heldBytes: 70 },
          { name: '(string)', count: 1, heldBytes: 9 },
          { name: '(synthetic)', count: 1, heldBytes: 0 },
        ],
      });
    }
  });

  test('that is damaged throws NotASnapshot and nothing else', () => {
    const text = written(NODES, EDGES, STRINGS);
    const refused = (bytes: Uint8Array) => assert.throws(() => read(bytes), NotASnapshot);
    refused(text.subarray(0, text.length / 2));
    refused(written(NODES, [...EDGES, PROPERTY, 0, 5], STRINGS));
    refused(written([...NODES, ...NODES], EDGES, STRINGS).subarray(0, 600));
    const huge = text.toString().replace('"node_count":7', '"node_count":7000000000');
    refused(Buffer.from(huge));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(text.length), (bytes, at) => {
        try {
          read(Buffer.concat([text.subarray(0, at), bytes, text.subarray(at)]), 64);
        } catch (error) {
          assert.ok(error instanceof NotASnapshot);
        }
      }),
    );
  });
});
