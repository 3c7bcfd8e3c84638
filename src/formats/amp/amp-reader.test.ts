import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AmpReader } from './amp-reader.ts';

const MAX_BYTES = 100;

function message(...parts: string[]): Buffer {
  const fields = parts.flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(part));
    return [length, Buffer.from(part)];
  });
  return Buffer.concat([Buffer.from([0x10 | parts.length]), ...fields]);
}

/** What is received of a stream in pieces that end at these places. */
function received(stream: Buffer, ends: readonly number[] = []): string[] {
  const heard: string[] = [];
  const reader = new AmpReader({
    isWanted: (topic) => topic === 'wanted',
    maxBytes: MAX_BYTES,
    onMessage: (topic, body) => heard.push(`${topic} ${body}`),
  });
  let from = 0;
  for (const end of [...ends.map((one) => one % stream.length).toSorted((a, b) => a - b), stream.length]) {
    reader.push(stream.subarray(from, end));
    from = end;
  }
  return heard;
}

const STREAM = Buffer.concat([
  message('s:other', 'j:"secret"'),
  message('s:wanted', 'j:"é"', 'j:"more"'),
  message('s:wanted', `j:"${'a'.repeat(MAX_BYTES)}"`),
  message('s:wanted'),
  message(),
  message('j:"no topic"', 'j:1'),
  message(`s:${'wanted'.repeat(99)}`, 'j:1'),
  message('s:wanted', 'blob'),
  message('s:wanted', ''),
  message('s:wanted', 'j:2'),
]);

test('of a stream of messages, what is wanted and not too long', () => {
  assert.deepEqual(received(STREAM), ['wanted "é"', 'wanted 2']);
});

test('the same, wherever the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 20 }), (ends) => {
      assert.deepEqual(received(STREAM, ends), ['wanted "é"', 'wanted 2']);
    }),
  );
});

test('what is no AMP is an error at once, and nothing else is', () => {
  assert.throws(() => received(Buffer.from('HTTP/1.1 200 OK')), /no AMP message/);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        received(Buffer.concat([Buffer.from([0x12]), bytes]));
      } catch (error) {
        assert.match((error as Error).message, /no AMP message/);
      }
    }),
  );
});
