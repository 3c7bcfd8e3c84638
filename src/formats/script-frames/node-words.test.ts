import assert from 'node:assert/strict';
import { exec } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createReadStream, readFile, statSync } from 'node:fs';
import { createServer, get, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { gunzipSync, gzip } from 'node:zlib';
import type { RawFrame } from '../../model/probe-record.ts';
import { verifiedFrames } from './verify-frames.ts';

/** What the stack of an error shows of Node's own code. */
function nodeFrames(stack: string): RawFrame[] {
  return [
    ...stack.matchAll(/^ +at (?:async )?(?:(.*?)(?: \[as [^\]]*\])? \()?(node:[^ )]*):\d+:\d+\)?$/gm),
  ].map(([, name, file]) => ({ function: name ?? null, file: file ?? '', line: 1, column: 1, async: false }));
}

test('a stack of a handler keeps each call of Node', async () => {
  const stacks: string[] = [];
  const called = () => stacks.push(new Error('here').stack ?? '');
  const thrown = (act: () => void) => {
    try {
      act();
    } catch (error) {
      stacks.push((error as Error).stack ?? '');
    }
  };
  const ended = async (start: (done: () => void) => void) => {
    await new Promise<void>((resolve) => start(() => resolve(void called())));
  };

  const server = createServer((incoming, response) => {
    called();
    incoming.on('data', called).on('end', () => {
      called();
      response.end('hello');
    });
  });
  await ended((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await ended((done) => {
    request({ port, host: '127.0.0.1', method: 'POST' }, (response) => {
      called();
      response.on('data', called).on('end', done);
    }).end('order');
  });
  server.close();
  await once(server, 'close');
  await ended((done) => get({ port, host: '127.0.0.1' }).on('error', done));

  await ended((done) => readFile(import.meta.filename, done));
  await ended((done) =>
    createReadStream(import.meta.filename)
      .on('data', called)
      .on('close', done),
  );
  await ended((done) => createReadStream('/nonexistent').on('error', done));
  await ended((done) => exec('exit 3', done));
  await ended((done) => gzip('x', done));
  await ended((done) => randomBytes(8, done));
  await ended((done) => setTimeout(done, 1));
  await ended((done) => setImmediate(done));
  await ended((done) => process.nextTick(done));
  thrown(() => statSync('/nonexistent'));
  thrown(() => gunzipSync(Buffer.alloc(9)));
  thrown(() => new URL('no address'));
  thrown(() => createHash('none'));
  thrown(() => Buffer.from(undefined as unknown as string));
  thrown(() => new EventEmitter().emit('error', new Error('no listener')));

  const frames = stacks
    .flatMap(nodeFrames)
    .filter(({ file }) => !file?.startsWith('node:internal/test_runner'));
  assert.ok(frames.length > stacks.length, 'stacks have calls of Node');
  for (const frame of frames) {
    assert.equal(verifiedFrames([frame], () => null).dropped, 0, `${frame.function} (${frame.file})`);
  }
});
