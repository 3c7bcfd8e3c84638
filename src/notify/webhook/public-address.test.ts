import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isPublicAddress } from './public-address.ts';

const REFUSED = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.100.100.200',
  '127.0.0.1',
  '127.255.255.254',
  '168.63.129.16',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '239.255.255.255',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:8.8.8.8',
  '::8.8.8.8',
  '64:ff9b::10.0.0.1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::1',
  '2001:db8::1',
  '2001::1',
  '2002:7f00:1::',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  '',
  'localhost',
  '127.1',
  '0x7f.0.0.1',
  '[::1]',
];
const TAKEN = [
  '8.8.8.8',
  '172.32.0.1',
  '100.128.0.1',
  '93.184.215.14',
  '2606:4700::6810:84e5',
  '2a00:1450::8a',
  '64:ff9b::8.8.8.8',
];

describe('addresses that messages may go to', () => {
  for (const address of REFUSED) test(`not ${address}`, () => assert.equal(isPublicAddress(address), false));
  for (const address of TAKEN) test(address, () => assert.equal(isPublicAddress(address), true));

  test('are distinguished for any address and any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()),
        (text) => typeof isPublicAddress(text) === 'boolean',
      ),
    );
  });

  test('are no private ones, whatever way they are written in IPv6', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.nat(255), (b, c, d) => {
        const mapped = `${((10 << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        return ['::ffff:', '::', '64:ff9b::', '2002:'].every(
          (prefix) => !isPublicAddress(prefix === '2002:' ? `2002:${mapped}::` : prefix + mapped),
        );
      }),
    );
  });
});
