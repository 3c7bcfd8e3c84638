import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jvmOptions } from './jvm-options.ts';
import { manifestClassPath } from './manifest-class-path.ts';
import { ownLinesIn } from './own-lines.ts';
import { readClassFile } from './read-class.ts';

test('bytes that are no class are none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
      const start = Buffer.from('cafebabe0000003d0003', 'hex');
      assert.equal(readClassFile(Buffer.concat([start, bytes]), 'com.shop.Cart'), null);
    }),
  );
});

test('lines beyond those of the file itself are of inlined code', () => {
  const map =
    'SMAP\nShop.kt\nKotlin\n*S Kotlin\n*F\n+ 1 Shop.kt\ncom/shop/ShopKt\n*L\n1#1,20:1\n1549#2:21\n*E\n';
  assert.equal(ownLinesIn(map), 20);
  assert.equal(ownLinesIn(map.replace('1#1,20:1', '7#2:1')), 0);
  assert.equal(ownLinesIn('SMAP\nindex_jsp.java\nJSP\n*S JSP\n*E\n'), null);
});

test('the options of java end at the main class', () => {
  const at = (line: string) => jvmOptions(line.split(' '));
  assert.deepEqual(at('java -cp a:b -Xmx1g com.shop.Main -cp c'), {
    ...{ classPath: 'a:b', modulePath: '', jar: null, errorFile: null, heapDumpPath: null },
  });
  assert.equal(
    at('java --add-opens java.base/java.lang=ALL-UNNAMED --class-path=x.jar Main').classPath,
    'x.jar',
  );
  assert.equal(at('java -XX:ErrorFile=/var/e%p.log -jar shop.jar -jar other.jar').jar, 'shop.jar');
  assert.equal(at('java -XX:ErrorFile=/var/e%p.log -jar shop.jar').errorFile, '/var/e%p.log');
  assert.equal(at('java -p mods -m shop/com.shop.Main').modulePath, 'mods');
});

test('a manifest names the archives beside its own', () => {
  const manifest = 'Manifest-Version: 1.0\r\nClass-Path: lib/a.jar li\r\n b/b%20c.jar http://x/y.jar %zz\r\n';
  assert.deepEqual(manifestClassPath(manifest), ['lib/a.jar', 'lib/b c.jar']);
});
