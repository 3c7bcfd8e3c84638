import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RawFrame } from '../../model/probe-record.ts';
import { verifiedFrames, verifiedThrowSite } from './verify-frames.ts';

const source = 'class Cart {\n  total() { return sum(this.rows); }\n}\r\nthrow 1;\r\n';
const readSource = (path: string) => (path === '/srv/a.js' || path === '/srv/alice.txt' ? source : null);

function frame(fields: Partial<RawFrame> = {}): RawFrame {
  return { function: 'Cart.total', file: '/srv/a.js', line: 2, column: 3, async: false, ...fields };
}

test('names and positions that stand in the file pass', () => {
  const frames = [
    frame(),
    frame({ function: 'async new Cart.sum [as total]' }),
    frame({ function: null, file: 'file:///srv/a.js', line: 2, column: 1 }),
    frame({ function: 'Object.<anonymous>' }),
    // Callbacks of the app, by Node's names.
    frame({ function: 'Timeout._onTimeout' }),
    frame({ function: 'Socket.<anonymous>' }),
  ];
  assert.deepEqual(verifiedFrames(frames, readSource), { frames, dropped: 0, refuted: 0 });
});

test('whatever the file does not hold is dropped', () => {
  const frames = [
    frame({ function: 'alice' }),
    frame({ function: 'Cart alice' }),
    frame({ function: 'Cart: 4111' }),
    frame({ function: 'Cart 4111' }),
    frame({ function: 'Cart.4111' }),
    frame({ line: 4111 }),
    frame({ line: 0 }),
    frame({ column: 4111 }),
    frame({ column: 0 }),
    frame({ line: null }),
    frame({ file: '/srv/alice.js' }),
    frame({ file: '/srv/alice.txt' }),
    frame({ file: 'alice' }),
    frame({ file: 'node:alice', function: null }),
    frame({ file: null }),
  ];
  assert.deepEqual(verifiedFrames(frames, readSource), { frames: [], dropped: frames.length, refuted: 10 });
});

test("Node's own frames pass as known words, without positions", () => {
  const known = frame({ function: 'Module._compile', file: 'node:internal/modules/cjs/loader', line: 4111 });
  assert.deepEqual(verifiedFrames([known], readSource).frames, [{ ...known, line: null, column: null }]);
});

test('no secret passes, wherever in a frame it stands', () => {
  const secret = fc.string({ unit: 'binary', minLength: 1 }).map((text) => `Zq${text}`);
  fc.assert(
    fc.property(secret, (hidden) => {
      const frames = [
        frame({ function: hidden }),
        frame({ function: `Cart ${hidden}` }),
        frame({ function: `${hidden}.total` }),
        frame({ file: hidden }),
        frame({ file: `/srv/${hidden}` }),
        frame({ file: `node:${hidden}` }),
      ];
      assert.deepEqual(verifiedFrames(frames, readSource).frames, []);
    }),
  );
});

test('a throw site is believed when its line stands there, whatever the line ends are', () => {
  const site = { file: '/srv/a.js', line: 4, column: 1, sourceLine: 'throw 1;' };
  assert.deepEqual(verifiedThrowSite(site, readSource), {
    ...{ function: null, file: '/srv/a.js', line: 4, column: 1, async: false },
  });
  assert.equal(verifiedThrowSite({ ...site, line: 3 }, readSource), null);
  assert.equal(verifiedThrowSite({ ...site, line: 99 }, readSource), null);
  assert.equal(verifiedThrowSite({ ...site, file: '/srv/b.js' }, readSource), null);
  assert.equal(verifiedThrowSite({ ...site, file: 'node:fs' }, readSource), null);
});

test('frames of node -e are compared with the program that the probe kept', () => {
  const program = 'function pay() { throw new Error("x") } pay()';
  const readSource = (path: string) => (path === '[eval]' ? program : null);
  const frame = (name: string | null, column: number) => ({
    function: name,
    file: '[eval]',
    line: 1,
    column,
    async: false,
  });
  const { frames, dropped } = verifiedFrames(
    [frame('pay', 24), frame('alice', 24), frame(null, 40), frame('pay', 4111)],
    readSource,
  );
  assert.deepEqual(
    frames.map(({ function: name, column }) => [name, column]),
    [
      ['pay', 24],
      [null, 40],
    ],
  );
  assert.equal(dropped, 2);
});
