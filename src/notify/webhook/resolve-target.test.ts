import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { resolveTarget } from './resolve-target.ts';

const url = new URL('https://hooks.example/');
const found =
  (...addresses: string[]) =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('the addresses of a receiver', () => {
  test('that are public are what is connected to', async () => {
    const lookup = found('93.184.215.14', '2606:4700::6810:84e5');
    assert.deepEqual(await resolveTarget(url, false, lookup), await lookup());
  });

  test('one of which is private are refused together, unless that is allowed', async () => {
    const lookup = found('93.184.215.14', '10.0.0.1');
    assert.equal(await resolveTarget(url, false, lookup), null);
    assert.deepEqual(await resolveTarget(url, true, lookup), await lookup());
  });

  test('that are too many are refused', async () => {
    assert.equal(await resolveTarget(url, true, found(...new Array<string>(33).fill('93.184.215.14'))), null);
  });

  test('that are none are no receiver yet', async () => {
    await assert.rejects(resolveTarget(url, true, found('not an address')), { code: 'ENOTFOUND' });
  });

  test('in the URL are looked up nowhere', async () => {
    const unused = () => assert.fail('looked up');
    assert.deepEqual(await resolveTarget(new URL('https://8.8.8.8/'), false, unused), [
      { address: '8.8.8.8', family: 4 },
    ]);
    assert.equal(await resolveTarget(new URL('https://[::1]/'), false, unused), null);
    assert.equal(await resolveTarget(new URL('https://0x7f.1/'), false, unused), null);
  });
});
