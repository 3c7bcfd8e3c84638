import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MappedMemory } from './mapped-memory.ts';
import {
  parseCgroupBytes,
  parseMachineMemory,
  parseReclaimable,
  parseResident,
  parseResidentKinds,
} from './memory-use.ts';

test('limits and use of control groups, in both versions', () => {
  assert.equal(parseCgroupBytes('201326592\n'), 201_326_592);
  assert.equal(parseCgroupBytes('max\n'), null);
  assert.equal(parseCgroupBytes('9223372036854771712\n'), null);
  assert.equal(parseReclaimable('anon 100\nactive_file 30\ninactive_file 12\n'), 42);
  // The group's own, and with those below it.
  const v1 =
    'cache 1\nactive_file 1\ninactive_file 1\ntotal_cache 9\ntotal_inactive_file 5\ntotal_active_file 4\n';
  assert.equal(parseReclaimable(v1), 9);
});

test('a machine can use its memory and its swap', () => {
  const text =
    'MemTotal:  1000 kB\nMemFree:  1 kB\nMemAvailable:  400 kB\nSwapTotal:  500 kB\nSwapFree:  500 kB\n';
  assert.deepEqual(parseMachineMemory(text.replaceAll('  ', ' ')), {
    ...{ usedBytes: 600 * 1024, limitBytes: 1500 * 1024 },
  });
  assert.equal(parseMachineMemory('MemFree: 1 kB\n'), null);
  assert.equal(parseResident('25000 1200 300 4 0 5 0\n', 4096), 1200 * 4096);
  const status = 'Name:\tx\nRssAnon:\t     300 kB\nRssFile:\t     500 kB\nRssShmem:\t       0 kB\n';
  assert.deepEqual(parseResidentKinds(status), [
    { kind: 'file', bytes: 500 * 1024 },
    { kind: 'anonymous', bytes: 300 * 1024 },
  ]);
  assert.equal(parseResidentKinds('Name:\tx\n'), null);
  assert.equal(parseResident('0 0 0 0 0 0 0\n', 4096), null);
});

test('resident memory is added up by what it is for, wherever the text is cut', () => {
  const mapping = (name: string, kilobytes: number) =>
    `7f0000000000-7f0000001000 rw-p 00000000 00:00 ${name === '' ? 0 : 12} ${name}\nSize: 9999 kB\nRss: ${kilobytes} kB\nPss: 1 kB\n`;
  const text = [
    mapping('', 100),
    mapping('[anon:v8]', 50),
    mapping('[heap]', 30),
    mapping('[stack]', 8),
    mapping('/home/erika/app/cart', 7),
    mapping('/usr/lib/libc.so.6', 6),
    mapping('/srv/app/add-on.node (deleted)', 0),
    mapping('/dev/shm/pool', 5),
    mapping('/var/lib/customers.db', 4),
  ].join('');
  for (const cut of [1, 17, 64, text.length]) {
    const mapped = new MappedMemory('/home/erika/app/cart');
    for (let at = 0; at < text.length; at += cut) mapped.add(text.slice(at, at + cut));
    assert.deepEqual(
      mapped.kinds?.map(({ kind, bytes }) => [kind, bytes / 1024]),
      [
        ['anonymous', 150],
        ['heap', 30],
        ['stack', 8],
        ['program', 7],
        ['library', 6],
        ['shared', 5],
        ['file', 4],
      ],
    );
    assert.deepEqual(mapped.largest[0], { name: '[anonymous]', bytes: 100 * 1024 });
  }
  assert.equal(new MappedMemory(null).kinds, null);
});
