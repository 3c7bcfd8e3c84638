import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCorePattern } from '../procfs/core-pattern.ts';
import { parseCoreBacktrace, signalOfBacktrace } from './abrt-backtrace.ts';
import { COREDUMP_FIELDS, parseCoredumpEntry } from './coredump-entry.ts';

/** As systemd 252 writes it; a build ID is there for packages with metadata. */
const ENTRY = {
  _SYSTEMD_UNIT: 'systemd-coredump@0-205-0.service',
  _BOOT_ID: 'ff4c0c63135f4fddb1c280124088490a',
  COREDUMP_PID: '191',
  COREDUMP_EXE: '/srv/shop',
  COREDUMP_SIGNAL: '11',
  COREDUMP_TIMESTAMP: '1795990136000000',
  COREDUMP_PACKAGE_JSON: '{"elfType":"coredump","/usr/lib/libc.so.6":{"buildId":"93ac61ec"}}',
  MESSAGE: [
    'Process 191 (shop) of user 0 dumped core.',
    '',
    'Stack trace of thread 191:',
    '#0  0x000056124f6f0169 _ZN3app3payEP5Order (shop + 0x1169)',
    '#1  0x000056124f6f01c5 n/a (shop + 0x11c5)',
    '#2  0x00007fccbe6d124a __libc_start_call_main (libc.so.6 + 0x2724a)',
    '#3  0x00003ae1d3c0a0b0 n/a (n/a + 0x0)',
    '',
    'Stack trace of thread 193:',
    '#0  0x00007fccbe77ddf2 __libc_pause (libc.so.6 + 0xd3df2)',
    'ELF object binary architecture: AMD x86-64',
    '',
  ].join('\n'),
};
const parsed = (changes: object) => parseCoredumpEntry(JSON.stringify({ ...ENTRY, ...changes }));

test('an entry of systemd-coredump has the crashing thread, with what is known of each frame', () => {
  const core = parsed({});
  assert.deepEqual(
    core?.frames.map(({ rawSymbol, module, moduleOffset, buildId, isReturnAddress, trust }) => [
      ...[rawSymbol, module, moduleOffset, buildId, isReturnAddress, trust],
    ]),
    [
      ['_ZN3app3payEP5Order', '/srv/shop', 0x1169n, null, false, 'ip'],
      [null, '/srv/shop', 0x11c5n, null, true, 'cfi'],
      ['__libc_start_call_main', 'libc.so.6', 0x2724an, '93ac61ec', true, 'cfi'],
      [null, null, null, null, true, 'cfi'],
    ],
  );
  const { pid, bootId, executable, signal, atMs } = core ?? {};
  assert.deepEqual(
    [pid, bootId, executable, signal, atMs],
    [191, 'ff4c0c63135f4fddb1c280124088490a', '/srv/shop', 'SIGSEGV', 1795990136000],
  );
  assert.deepEqual(
    parsed({ COREDUMP_TID: '193' })?.frames.map((frame) => frame.function),
    ['__libc_pause'],
  );
});

test('what another process logged under this message is nothing', () => {
  for (const unit of [undefined, 'shop.service', 'user@1000.service', 'systemd-coredump@1.service.slice'])
    assert.equal(parsed({ _SYSTEMD_UNIT: unit }), null, unit);
});

test('no field is asked for that holds what a process was given', () => {
  for (const name of ['ENVIRON', 'CMDLINE', 'CWD', 'OPEN_FDS', 'PROC_MAPS', 'FILENAME'])
    assert.ok(!COREDUMP_FIELDS.includes(`COREDUMP_${name}`), name);
});

test("the crashing thread of ABRT's backtrace, by its documented form", () => {
  const json = JSON.stringify({
    signal: 6,
    stacktrace: [
      { frames: [{ address: 1, function_name: 'idle' }] },
      {
        crash_thread: true,
        frames: [
          {
            address: 4096,
            build_id: '93ac61ec',
            build_id_offset: 16,
            function_name: 'raise',
            file_name: '/l/libc.so',
          },
          { address: 8192, function_name: '??' },
        ],
      },
    ],
  });
  assert.equal(signalOfBacktrace(json), 6);
  assert.deepEqual(parseCoreBacktrace(json), [
    { address: 4096n, symbol: 'raise', module: '/l/libc.so', moduleOffset: 16n, buildId: '93ac61ec' },
    { address: 8192n, symbol: null, module: null, moduleOffset: null, buildId: null },
  ]);
});

test('who handles core dumps', () => {
  for (const [pattern, handler] of [
    ['core\n', 'file'],
    ['/var/crash/core.%e.%p', 'file'],
    ['|/lib/systemd/systemd-coredump %P %u %g %s %t 9223372036854775808 %h %d\n', 'systemd-coredump'],
    ['|/usr/share/apport/apport -p%p -s%s -c%c -d%d -P%P -u%u -g%g -- %E', 'apport'],
    ['|/usr/libexec/abrt-hook-ccpp %s %c %p %u %g %t %P %I %h', 'abrt'],
    ['|/bin/false', 'other'],
    ['|', 'other'],
    ['@@/run/cores.sock', 'other'],
  ] as const)
    assert.equal(parseCorePattern(pattern), handler, pattern);
});

test('hostile bytes are at most no core dump', () => {
  const text = fc.oneof(fc.string(), fc.json());
  fc.assert(
    fc.property(text, (hostile) => {
      parseCoredumpEntry(hostile);
      parsed({ MESSAGE: hostile, COREDUMP_PACKAGE_JSON: hostile, COREDUMP_PID: hostile });
      parsed({ MESSAGE: `Stack trace of thread 1:\n#0  0x000056124f6f0169 ${hostile} (${hostile} + 0x1)` });
      parseCoreBacktrace(hostile);
      parseCorePattern(hostile);
    }),
  );
});
