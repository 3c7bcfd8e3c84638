import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { inputs } from '../../../test/support/rounds.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { checksum, encodePacket } from './encode-packet.ts';
import { parseHexBytes, parseHexNumber } from './hex.ts';
import { decodePayload, PacketReader, type RspMessage } from './packet-reader.ts';
import { parseStopReply } from './stop-reply.ts';
import { parseTargetDescription } from './target-description.ts';
import { ALL_TARGET_SIGNALS, toLinuxSignal, toTargetSignal } from './target-signal.ts';
import { formatThreadId, parseThreadId } from './thread-id.ts';
import { formatXferRead, parseXferWindow } from './xfer-window.ts';

const ONLY = { pid: 7, tid: 7 };
const bytes = (text: string) => Buffer.from(text, 'latin1');
const binary = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });

function refuses(parse: () => unknown): void {
  assert.throws(parse, (error) => error instanceof CrashmonError && error.code === 'BAD_RECORD');
}

/** Runs it; an error must be ours. */
function tolerates(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    assert.ok(error instanceof CrashmonError && error.code === 'BAD_RECORD', String(error));
  }
}

describe('packets', () => {
  test('are what they were before encoding, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(binary, { maxLength: 5 }), fc.integer({ min: 1, max: 40 }), (payloads, size) => {
        const stream = bytes(`+${payloads.map(encodePacket).join('')}`);
        const reader = new PacketReader();
        const messages: RspMessage[] = [];
        for (let at = 0; at < stream.length; at += size) {
          messages.push(...reader.push(stream.subarray(at, at + size)));
        }
        const expected = payloads.map((payload) => ({ type: 'packet', payload }));
        assert.deepEqual(messages, [{ type: 'ack' }, ...expected]);
      }),
    );
  });

  test('have run lengths as in the manual', () => {
    // "0* " stands for "0000".
    assert.equal(decodePayload('0* '), '0000');
    assert.equal(decodePayload('a0*!b'), 'a00000b');
    // A run repeats what an escape stands for.
    assert.equal(decodePayload('}\x03* '), '####');
  });

  test('may be notifications', () => {
    const stream = `-%Stop:T05#${checksum('Stop:T05')}$OK#9a`;
    assert.deepEqual(new PacketReader().push(bytes(stream)), [
      { type: 'nak' },
      { type: 'notification', payload: 'Stop:T05' },
      { type: 'packet', payload: 'OK' },
    ]);
  });

  test('that are damaged are refused', () => {
    refuses(() => new PacketReader().push(bytes('$OK#00')));
    for (const body of ['* ', 'a*', 'a}', 'a*\x1f', 'a*\x7f']) refuses(() => decodePayload(body));
    refuses(() => decodePayload(`0${'*~'.repeat(20_000)}`));
    const endless = new PacketReader();
    endless.push(bytes(`$${'a'.repeat(1024 * 1024 - 1)}`));
    refuses(() => endless.push(bytes('a')));
  });
});

describe('stop replies', () => {
  test('of a thread', () => {
    assert.deepEqual(parseStopReply('T0b06:d0ce;07:a0;thread:p11b5.11b9;core:1;', ONLY), {
      type: 'stopped',
      thread: { pid: 0x11b5, tid: 0x11b9 },
      signal: 11,
      reason: 'signal',
    });
    assert.deepEqual(parseStopReply('T05exec:2f62;thread:p1.1;', ONLY), {
      type: 'stopped',
      thread: { pid: 1, tid: 1 },
      signal: 5,
      reason: 'exec',
    });
    // GDB's 10 is SIGBUS and its 143 a signal without a number.
    assert.deepEqual(parseStopReply('S0a', ONLY), {
      type: 'stopped',
      thread: ONLY,
      signal: 7,
      reason: 'signal',
    });
    assert.equal((parseStopReply('T8f', ONLY) as { signal: unknown }).signal, null);
    assert.equal((parseStopReply('T00thread:p1.2;', ONLY) as { signal: unknown }).signal, 0);
  });

  test('of a process', () => {
    assert.deepEqual(parseStopReply('W03;process:11b5', ONLY), { type: 'exited', pid: 0x11b5, code: 3 });
    assert.deepEqual(parseStopReply('X0b;process:7', ONLY), { type: 'killed', pid: 7, signal: 11 });
    assert.deepEqual(parseStopReply('X09', ONLY), { type: 'killed', pid: 7, signal: 9 });
    assert.deepEqual(parseStopReply('w0;p1.2', ONLY), {
      type: 'thread-exited',
      thread: { pid: 1, tid: 2 },
    });
    assert.deepEqual(parseStopReply('N', ONLY), { type: 'none-running' });
  });

  test('that are none are refused', () => {
    for (const payload of ['', 'T', 'Tzz', 'OK', 'E01', 'W', 'X;process:1', 'T05thread:1;', 'w0']) {
      refuses(() => parseStopReply(payload, ONLY));
    }
  });
});

test('each signal of Linux has one number of its own in the protocol', () => {
  const numbers = Array.from({ length: 64 }, (_, index) => index + 1).filter((linux) => linux !== 16);
  for (const linux of numbers) assert.equal(toLinuxSignal(toTargetSignal(linux) ?? -1), linux);
  // SIGSTKFLT has none.
  assert.equal(toTargetSignal(16), null);
  assert.equal(new Set(ALL_TARGET_SIGNALS).size, 64);
});

test('hexadecimal bytes', () => {
  assert.deepEqual([...parseHexBytes('00ffxx7F')], [0, 255, 0, 127]);
  for (const text of ['0', '0g', 'zz', '00 1']) refuses(() => parseHexBytes(text));
  for (const text of ['', 'g', '123456789', '-1']) refuses(() => parseHexNumber(text));
  fc.assert(
    fc.property(fc.uint8Array(), (data) => {
      assert.deepEqual([...parseHexBytes(Buffer.from(data).toString('hex'))], [...data]);
    }),
  );
});

test('thread ids', () => {
  assert.deepEqual(parseThreadId('p1f.-1'), { pid: 31, tid: -1 });
  assert.deepEqual(parseThreadId('p1f'), { pid: 31, tid: -1 });
  for (const text of ['', '1f', 'p', 'p1.', 'p1.2.3', 'p-1']) refuses(() => parseThreadId(text));
  const id = fc.integer({ min: 1, max: 2 ** 22 });
  fc.assert(
    fc.property(id, id, (pid, tid) => {
      assert.deepEqual(parseThreadId(formatThreadId({ pid, tid })), { pid, tid });
    }),
  );
});

test('windows of objects', () => {
  assert.deepEqual(parseXferWindow('mabc'), { data: 'abc', last: false });
  assert.deepEqual(parseXferWindow('l'), { data: '', last: true });
  assert.equal(parseXferWindow('m').last, true);
  for (const payload of ['', 'E01', 'x']) refuses(() => parseXferWindow(payload));
  assert.equal(formatXferRead('auxv', '', 16, 4096), 'qXfer:auxv:read::10,1000');
});

test('nothing that a debugger may say breaks a parser', () => {
  const mixed = fc.oneof(
    binary,
    binary.map((text) => `T05thread:p${text};${text}:`),
    binary.map((text) => `W${text};process:${text}`),
    binary.map((text) => `<architecture>i386:x86-64</architecture><reg name="${text}" bitsize="64"/>`),
  );
  fc.assert(
    fc.property(mixed, (text) => {
      tolerates(() => new PacketReader().push(bytes(text)));
      tolerates(() => new PacketReader().push(bytes(`$${text}#${checksum(text)}`)));
      tolerates(() => decodePayload(text));
      tolerates(() => parseStopReply(text, ONLY));
      tolerates(() => parseThreadId(text));
      tolerates(() => parseHexBytes(text));
      tolerates(() => parseXferWindow(text));
      tolerates(() => parseTargetDescription(text));
    }),
    { numRuns: inputs(1000) },
  );
});
