import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { unwindCore } from '../../src/symbols/native/unwind-core.ts';
import { nativeCompiler } from '../support/native/compile.ts';
import { fullCore } from '../support/native/full-core.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('debug information is fetched from a server that was named, and from nowhere else', async () => {
  await using compiler = await nativeCompiler();
  await using directory = await temporaryDirectory('debuginfod');
  const executable = await compiler.compile('follows-bad-pointer.c', ['-g', '-O0', '-Wl,--build-id']);
  const debug = path.join(directory.path, 'debug');
  execFileSync('objcopy', ['--only-keep-debug', executable, debug]);
  execFileSync('strip', [executable]);
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (/^\/buildid\/[0-9a-f]+\/debuginfo$/.test(request.url ?? '')) response.end(readFileSync(debug));
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  try {
    const corePath = await fullCore([executable], directory.path);
    const place = async (urls: string | null) => {
      const cacheDirectory = path.join(directory.path, 'cache');
      const debuginfod = urls === null ? null : { urls, cacheDirectory };
      const stack = await unwindCore({ corePath, executable, timeoutMs: 240_000, debuginfod });
      return stack.threads[0]?.frames.find(({ module }) => module === executable)?.file ?? null;
    };
    assert.equal(await place(null), null);
    assert.deepEqual(asked, []);
    const { port } = server.address() as AddressInfo;
    assert.match((await place(`http://127.0.0.1:${port}`)) ?? '', /follows-bad-pointer\.c$/);
    assert.ok(asked.length > 0);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
