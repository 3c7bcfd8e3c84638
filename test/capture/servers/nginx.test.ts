import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { attachDebugger } from '../../../src/debugger/attach-debugger.ts';
import type { SessionEvent } from '../../../src/debugger/session.ts';
import { nativeCompiler } from '../../support/native/compile.ts';
import { dieUnderDebugger, namesOf } from '../../support/native/die-under-debugger.ts';
import { get, startLoad } from '../../support/native/load.ts';
import { type RunningProgram, startProgram } from '../../support/run-program.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const compiler = await nativeCompiler();
after(() => compiler[Symbol.asyncDispose]());
const badModule = await compiler.compile('crashes-in-accept.c', ['-g', '-O1', '-shared', '-fPIC']);

type Nginx = AsyncDisposable & { program: RunningProgram; load: ReturnType<typeof startLoad> };

/** nginx on a socket of its own, under load once it answers; `crashAt` loads the bad module. */
async function startNginx(settings: string, crashAt?: number): Promise<Nginx> {
  await using cleanup = new AsyncDisposableStack();
  const directory = cleanup.use(await temporaryDirectory('nginx'));
  const socketPath = path.join(directory.path, 's');
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const temporary = kinds.map((kind) => `${kind}_temp_path ${directory.path}/${kind};`).join(' ');
  const configuration = path.join(directory.path, 'nginx.conf');
  await writeFile(
    configuration,
    `daemon off; user root; pid ${directory.path}/pid; error_log stderr notice; ${settings}
    events { worker_connections 64; }
    http { access_log off; ${temporary}
      server { listen unix:${socketPath}; location / { return 200 hello; } } }`,
  );
  const env = crashAt === undefined ? {} : { LD_PRELOAD: badModule, CRASH_AT: String(crashAt) };
  const args = ['-p', directory.path, '-e', 'stderr', '-c', configuration];
  const program = cleanup.use(startProgram('nginx', args, { env }));
  await program.waitForLine('stderr', /using the "epoll" event method/);
  const load = cleanup.use(
    startLoad(async () => {
      assert.equal(await get({ socketPath }, '/'), 'hello');
    }),
  );
  await load.answers(1);
  const kept = cleanup.move();
  return { program, load, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

describe('nginx without workers, under load', () => {
  test('crashes by a fault in a module', async () => {
    await using nginx = await startNginx('master_process off;', 500);
    const { program } = nginx;
    const { end, fault, stack, coreBytes } = await dieUnderDebugger(program.pid, () => {});
    assert.equal((await program.exited).signal, 'SIGSEGV');
    assert.ok(end.type === 'killed' && end.signal === 11 && end.capture !== null);
    assert.equal(fault?.summary, 'null-access');
    const names = namesOf(stack).filter((name) => !name.includes('+'));
    assert.deepEqual(names.slice(0, 5), [
      ...['count_visitor', 'accept4'],
      ...['ngx_event_accept', 'ngx_process_events_and_timers', 'ngx_single_process_cycle'],
    ]);
    assert.equal(stack?.threads[0]?.frames[0]?.module, badModule);
    assert.ok(nginx.load.answered > 0 && coreBytes < 1024 * 1024);
  });

  test('is killed by a signal that another process sends', async () => {
    await using nginx = await startNginx('master_process off;');
    const { program, load } = nginx;
    const { end, fault, stack } = await dieUnderDebugger(program.pid, async () => {
      await load.answers(100);
      program.kill('SIGSEGV');
    });
    assert.equal((await program.exited).signal, 'SIGSEGV');
    assert.ok(end.type === 'killed' && end.signal === 11 && end.capture !== null);
    assert.deepEqual([fault?.summary, fault?.faultAddress], ['sent-signal', null]);
    assert.match(namesOf(stack).join('\n'), /ngx_single_process_cycle\nmain\n/);
  });
});

test('the death of a worker of nginx is not that of its master', { timeout: 180_000 }, async () => {
  await using nginx = await startNginx('worker_processes 1;', 200);
  const { program, load } = nginx;
  const events: SessionEvent[] = [];
  const onEvent = (event: SessionEvent) => void events.push(event);
  const session = await attachDebugger({ pid: program.pid, onFatal: () => {}, onEvent });
  assert.ok(!('failed' in session));
  await using attached = session;
  for (let worker = 0, from = 0; worker < 3; worker += 1) {
    await program.waitForLine('stderr', /worker process \d+ exited on signal 11/, from);
    from = program.stderr.length;
    // The master has started another one.
    await load.answers(20);
  }
  assert.deepEqual(events, []);
  program.kill('SIGTERM');
  assert.deepEqual(await attached.ended, { type: 'exited', code: 0 });
  assert.equal((await program.exited).code, 0);
});

test('the death of a master of nginx is captured, and its worker is left to itself', async () => {
  await using nginx = await startNginx('worker_processes 1;');
  const { program, load } = nginx;
  const { end, fault, stack } = await dieUnderDebugger(program.pid, async () => {
    await load.answers(50);
    program.kill('SIGSEGV');
  });
  assert.equal((await program.exited).signal, 'SIGSEGV');
  assert.ok(end.type === 'killed' && end.capture !== null);
  assert.equal(fault?.summary, 'sent-signal');
  assert.match(namesOf(stack).join('\n'), /ngx_master_process_cycle\nmain\n/);
  await load.answers(50);
});
