import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProgram } from '../support/run-program.ts';
import { attach } from './debugged.ts';

const SERVER = `
  const { spawnSync } = require('node:child_process');
  const server = require('node:http').createServer((request, response) => {
    if (request.url === '/child') response.end(String(spawnSync('sh', ['-c', 'exit 5']).status));
    else response.end('hello');
  });
  process.on('SIGUSR2', () => console.log('got SIGUSR2'));
  process.on('SIGTERM', () => server.close(() => process.exit(0)));
  server.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port));
`;

test('a Node server works on while attached, and stops by its own handler', async () => {
  await using worker = startProgram(process.execPath, ['-e', SERVER]);
  const [, port] = await worker.waitForLine('stdout', /^port (\d+)$/);
  await using session = await attach(worker.pid);
  const get = async (url: string) =>
    await (await fetch(`http://127.0.0.1:${port}${url}`, { headers: { connection: 'close' } })).text();
  for (let i = 0; i < 50; i += 1) assert.equal(await get('/'), 'hello');
  assert.equal(await get('/child'), '5');
  worker.kill('SIGUSR2');
  await worker.waitForLine('stdout', /^got SIGUSR2$/);
  worker.kill('SIGTERM');
  assert.equal((await worker.exited).code, 0);
  assert.deepEqual(await session.ended, { type: 'exited', code: 0 });
  assert.deepEqual(session.events, []);
});

test('a Node worker that aborts is captured with all its threads', async () => {
  const script = "console.log('ready'); process.stdin.once('data', () => process.abort());";
  await using worker = startProgram(process.execPath, ['-e', script], { input: 'open' });
  await worker.waitForLine('stdout', /^ready$/);
  await using session = await attach(worker.pid);
  worker.stdin.write('\n');
  const end = await session.ended;
  assert.ok(end.type === 'killed' && end.signal === 6 && end.capture !== null);
  assert.ok(end.capture.value.snapshot.threads.length >= 5);
});
