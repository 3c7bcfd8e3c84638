import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { messageLength, PRELUDE_BYTES, readMessage, writeCall } from './message.ts';
import { DbusValues } from './read-values.ts';

/** What systemd 252 sent when a service crashed, as dbus-daemon 1.14 delivered it. */
const SERVICE = Buffer.from(
  [
    'bAQBATMDAABLAQAApQAAAAEBbwAyAAAAL29yZy9mcmVlZGVza3RvcC9zeXN0ZW1kMS91bml0L2NyYXNoXzQwMV8yZXNlcnZpY2UA',
    'AAAAAAACAXMAHwAAAG9yZy5mcmVlZGVza3RvcC5EQnVzLlByb3BlcnRpZXMAAwFzABEAAABQcm9wZXJ0aWVzQ2hhbmdlZAAAAAAA',
    'AAAIAWcACHNhe3N2fWFzAAAABwFzAAQAAAA6MS4wAAAAACAAAABvcmcuZnJlZWRlc2t0b3Auc3lzdGVtZDEuU2VydmljZQAAAAD8',
    'AQAAAAAAAAcAAABNYWluUElEAAF1AAAAAAAAAAAAAAoAAABDb250cm9sUElEAAF1AAAAAAAAAAoAAABTdGF0dXNUZXh0AAFzAAAA',
    'AAAAAAAAAAAAAAAACwAAAFN0YXR1c0Vycm5vAAFpAAAAAAAABgAAAFJlc3VsdAABcwAAAAYAAABzaWduYWwAAAAAAAAMAAAAUmVs',
    'b2FkUmVzdWx0AAFzAAcAAABzdWNjZXNzAAsAAABDbGVhblJlc3VsdAABcwAABwAAAHN1Y2Nlc3MAAwAAAFVJRAABdQAA/////wMA',
    'AABHSUQAAXUAAP////8JAAAATlJlc3RhcnRzAAF1AAAAAAAAAAAWAAAARXhlY01haW5TdGFydFRpbWVzdGFtcAABdAAAALSRdAmA',
    'YQYAHwAAAEV4ZWNNYWluU3RhcnRUaW1lc3RhbXBNb25vdG9uaWMAAXQAAEVSXX8AAAAAFQAAAEV4ZWNNYWluRXhpdFRpbWVzdGFt',
    'cAABdAAAAAA1bHkJgGEGAB4AAABFeGVjTWFpbkV4aXRUaW1lc3RhbXBNb25vdG9uaWMAAXQAAADGLGJ/AAAAAAsAAABFeGVjTWFp',
    'blBJRAABdQAAXwAAAAwAAABFeGVjTWFpbkNvZGUAAWkAAgAAAA4AAABFeGVjTWFpblN0YXR1cwABaQAAAAsAAAADAQAADQAAAEV4',
    'ZWNDb25kaXRpb24AAAAPAAAARXhlY0NvbmRpdGlvbkV4AAwAAABFeGVjU3RhcnRQcmUAAAAADgAAAEV4ZWNTdGFydFByZUV4AAAJ',
    'AAAARXhlY1N0YXJ0AAAACwAAAEV4ZWNTdGFydEV4AA0AAABFeGVjU3RhcnRQb3N0AAAADwAAAEV4ZWNTdGFydFBvc3RFeAAKAAAA',
    'RXhlY1JlbG9hZAAADAAAAEV4ZWNSZWxvYWRFeAAAAAAIAAAARXhlY1N0b3AAAAAACgAAAEV4ZWNTdG9wRXgAAAwAAABFeGVjU3Rv',
    'cFBvc3QAAAAADgAAAEV4ZWNTdG9wUG9zdEV4AA==',
  ].join(''),
  'base64',
);
/** The unit's half, of a start. */
const UNIT = Buffer.from(
  [
    'bAQBAdgDAABDAQAApQAAAAEBbwAyAAAAL29yZy9mcmVlZGVza3RvcC9zeXN0ZW1kMS91bml0L2NyYXNoXzQwMV8yZXNlcnZpY2UA',
    'AAAAAAACAXMAHwAAAG9yZy5mcmVlZGVza3RvcC5EQnVzLlByb3BlcnRpZXMAAwFzABEAAABQcm9wZXJ0aWVzQ2hhbmdlZAAAAAAA',
    'AAAIAWcACHNhe3N2fWFzAAAABwFzAAQAAAA6MS4wAAAAAB0AAABvcmcuZnJlZWRlc2t0b3Auc3lzdGVtZDEuVW5pdAAAAJADAAAL',
    'AAAAQWN0aXZlU3RhdGUAAXMAAAgAAABpbmFjdGl2ZQAAAAAAAAAADAAAAEZyZWV6ZXJTdGF0ZQABcwAHAAAAcnVubmluZwAIAAAA',
    'U3ViU3RhdGUAAXMABAAAAGRlYWQAAAAAAAAAABQAAABTdGF0ZUNoYW5nZVRpbWVzdGFtcAABdAAAAAAAAAAAAAAAAAAdAAAAU3Rh',
    'dGVDaGFuZ2VUaW1lc3RhbXBNb25vdG9uaWMAAXQAAAAAAAAAAAAAAAAVAAAASW5hY3RpdmVFeGl0VGltZXN0YW1wAAF0AAAAAAAA',
    'AAAAAAAAHgAAAEluYWN0aXZlRXhpdFRpbWVzdGFtcE1vbm90b25pYwABdAAAAAAAAAAAAAAAFAAAAEFjdGl2ZUVudGVyVGltZXN0',
    'YW1wAAF0AAAAAAAAAAAAAAAAAB0AAABBY3RpdmVFbnRlclRpbWVzdGFtcE1vbm90b25pYwABdAAAAAAAAAAAAAAAABMAAABBY3Rp',
    'dmVFeGl0VGltZXN0YW1wAAF0AAAAAAAAAAAAAAAAAAAcAAAAQWN0aXZlRXhpdFRpbWVzdGFtcE1vbm90b25pYwABdAAAAAAAAAAA',
    'AAAAAAAWAAAASW5hY3RpdmVFbnRlclRpbWVzdGFtcAABdAAAAAAAAAAAAAAAHwAAAEluYWN0aXZlRW50ZXJUaW1lc3RhbXBNb25v',
    'dG9uaWMAAXQAAAAAAAAAAAAAAwAAAEpvYgAEKHVvKQAAAC4AAAAgAAAAL29yZy9mcmVlZGVza3RvcC9zeXN0ZW1kMS9qb2IvNDYA',
    'AAAAAAAAAA8AAABDb25kaXRpb25SZXN1bHQAAWIAAAEAAAAAAAAADAAAAEFzc2VydFJlc3VsdAABYgABAAAAEgAAAENvbmRpdGlv',
    'blRpbWVzdGFtcAABdAAAAAAAAACQYnQJgGEGABsAAABDb25kaXRpb25UaW1lc3RhbXBNb25vdG9uaWMAAXQAAAAAAAAhI11/AAAA',
    'AA8AAABBc3NlcnRUaW1lc3RhbXAAAXQAAJBidAmAYQYAGAAAAEFzc2VydFRpbWVzdGFtcE1vbm90b25pYwABdAAiI11/AAAAAAwA',
    'AABJbnZvY2F0aW9uSUQAAmF5AAAAABAAAABemdOsSiJGFa3+ISGb52MlAAAAABEAAABBY3RpdmF0aW9uRGV0YWlscwAFYShzcykA',
    'AAAAAAAAAAAAAAAcAAAACgAAAENvbmRpdGlvbnMAAAcAAABBc3NlcnRzAA==',
  ].join(''),
  'base64',
);

describe('a message of D-Bus', () => {
  test('a signal of systemd: all of it, or what is wanted', () => {
    const service = readMessage(SERVICE);
    assert.equal(messageLength(SERVICE), SERVICE.length);
    assert.equal(service?.type, 4);
    assert.equal(service.path, '/org/freedesktop/systemd1/unit/crash_401_2eservice');
    assert.equal(service.interface, 'org.freedesktop.DBus.Properties');
    assert.equal(service.member, 'PropertiesChanged');
    assert.equal(service.sender, ':1.0');
    const wanted = {
      MainPID: 0,
      ExecMainCode: 2,
      ExecMainStatus: 11,
      ExecMainExitTimestamp: 1_796_052_402_924_597,
    };
    const [name, changed, invalid] = service.body();
    assert.equal(name, 'org.freedesktop.systemd1.Service');
    assert.equal(Object.keys(changed as object).length, 17);
    assert.equal((invalid as string[]).length, 14);
    assert.deepEqual(service.body(new Set(Object.keys(wanted)))[1], wanted);
    const [, unit] = readMessage(UNIT)?.body() ?? [];
    const { InvocationID: id, Job: job } = unit as { InvocationID: Uint8Array; Job: unknown };
    assert.equal(Buffer.from(id).toString('hex'), '5e99d3ac4a224615adfe21219be76325');
    assert.deepEqual(job, [46, '/org/freedesktop/systemd1/job/46']);
  });

  test('a call is read as it was written', () => {
    const call = {
      ...{ destination: 'org.example', path: '/org/example', interface: 'org.example.Interface' },
      ...{ member: 'List', signature: 'asass', body: [[], ['one', 'two'], 'näme'] },
    };
    const bytes = writeCall(call, 7);
    assert.equal(messageLength(bytes), bytes.length);
    const message = readMessage(bytes);
    assert.equal(message?.path, call.path);
    assert.equal(message?.interface, call.interface);
    assert.equal(message?.member, call.member);
    assert.deepEqual(message?.body(), call.body);
    const { signature: _, body: __, ...bare } = call;
    assert.deepEqual(readMessage(writeCall(bare, 8))?.body(), []);
  });

  test('one of another byte order has a length, and is not read', () => {
    const bytes = Buffer.alloc(PRELUDE_BYTES);
    bytes.write('B');
    bytes.writeUInt32BE(5, 4);
    bytes.writeUInt32BE(3, 12);
    assert.equal(messageLength(bytes), PRELUDE_BYTES + 8 + 5);
    assert.equal(readMessage(bytes), null);
  });

  test('damage is a RangeError, and never costs more than the message is long', () => {
    const damaged = fc.tuple(fc.constantFrom(SERVICE, UNIT), fc.nat(), fc.nat(255), fc.nat());
    fc.assert(
      fc.property(damaged, ([message, at, byte, cut]) => {
        const bytes = Buffer.from(message.subarray(0, PRELUDE_BYTES + (cut % message.length)));
        bytes[at % bytes.length] = byte;
        onlyRangeErrors(() => readMessage(bytes)?.body());
      }),
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.stringMatching(/^[ybnqiuxtdsogva(){}]{1,12}$/),
        (bytes, signature) => {
          onlyRangeErrors(() => new DbusValues(Buffer.from(bytes), 0).read(signature));
        },
      ),
    );
  });

  test('values without bytes do not go on for ever, and neither do types in types', () => {
    const emptyStructs = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 0]);
    for (const signature of ['aa()', `${'a'.repeat(200)}y`])
      onlyRangeErrors(() => new DbusValues(emptyStructs, 0).read(signature));
    for (const signature of ['a()', `${'('.repeat(200)}y${')'.repeat(200)}`])
      assert.throws(() => new DbusValues(emptyStructs, 0).read(signature), RangeError);
  });
});

function onlyRangeErrors(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof RangeError, String(error));
  }
}
