import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import { type Death, dieUnderDebugger, namesOf } from '../../support/native/die-under-debugger.ts';
import { type Load, startLoad } from '../../support/native/load.ts';
import { type ProgramResult, startProgram } from '../../support/run-program.ts';
import { seededRandom } from '../../support/seed.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const random = seededRandom();

const ANSWERS_BEFORE = 150;

/** One command over a connection of its own; rejects where no answer comes. */
async function command(socketPath: string, line: string): Promise<string> {
  const socket = createConnection(socketPath);
  try {
    socket.write(`${line}\r\n`);
    const ended = once(socket, 'end').then(() => {
      throw new Error('no answer');
    });
    const [answer] = await Promise.race([once(socket, 'data'), ended]);
    return String(answer);
  } finally {
    socket.destroy();
  }
}

/** Lets Redis crash on a command while clients write and read; with a debugger, or as it is without. */
async function deathBy(
  line: string,
  attached: boolean,
): Promise<{ exit: ProgramResult; death: Death<undefined> | null; saved: string }> {
  await using directory = await temporaryDirectory('redis');
  const socketPath = path.join(directory.path, 's');
  // Its test of memory while it dies is not safe from faults of its own.
  const settings = ['--enable-debug-command yes', '--crash-memcheck-enabled no', '--port 0', '--save ""'];
  const args = settings.flatMap((setting) => setting.replace('""', '').split(' '));
  await using redis = startProgram('redis-server', [
    ...args,
    ...['--unixsocket', socketPath, '--dir', directory.path],
  ]);
  await redis.waitForLine('stdout', /ready to accept connections/i);
  await using load = startLoad(async () => {
    await command(socketPath, `SET order:${random()} paid`);
  });
  let saved = '';
  const kill = async () => {
    saved = await saveInBackground(socketPath, load);
    await command(socketPath, line).catch(() => {});
  };
  const death = attached ? await dieUnderDebugger(redis.pid, kill, { allThreads: true }) : null;
  if (!attached) await kill();
  return { exit: await redis.exited, death, saved };
}

/** Redis forks for it; the child writes the file and exits. */
async function saveInBackground(socketPath: string, load: Load): Promise<string> {
  await load.answers(ANSWERS_BEFORE);
  await command(socketPath, 'BGSAVE');
  for (;;) {
    const info = await command(socketPath, 'INFO persistence');
    if (/rdb_bgsave_in_progress:0/.test(info)) return /rdb_last_bgsave_status:(\w+)/.exec(info)?.[1] ?? '';
    await load.answers(1);
  }
}

/** What Redis says of its crash, less what differs from run to run. */
function headings(stdout: string): string[] {
  return stdout.split('\n').filter((line) => /^(?:------ .* ------|=== .* ===)$/.test(line));
}

describe('Redis under load', () => {
  test('crashes as it would without a debugger, and is captured where it happened', async () => {
    const alone = await deathBy('DEBUG SEGFAULT', false);
    const { exit, death, saved } = await deathBy('DEBUG SEGFAULT', true);
    assert.deepEqual([saved, alone.saved], ['ok', 'ok']);
    assert.deepEqual([exit.code, exit.signal], [alone.exit.code, alone.exit.signal]);
    assert.equal(exit.signal, 'SIGSEGV');
    assert.ok(
      headings(exit.stdout).includes('=== REDIS BUG REPORT START: Cut & paste starting from here ==='),
    );
    assert.deepEqual(headings(exit.stdout), headings(alone.exit.stdout));

    assert.ok(death?.end.type === 'killed' && death.end.signal === 11 && death.end.capture !== null);
    assert.equal(death.end.capture.handled, true);
    const outcomes = death.events.map((event) => event.type === 'first-chance' && event.outcome);
    assert.deepEqual(outcomes, ['captured', 'raised-by-handler']);
    assert.equal(death.fault?.summary, 'protected-access');
    assert.equal(death.fault.addressClass, 'read-only');
    const address = /Accessing address: (0x[0-9a-f]+)/.exec(exit.stdout)?.[1] ?? '0';
    assert.equal(death.fault.faultAddress, BigInt(address));
    // Redis looks at its own stack with backtrace(3), and prints the functions that it exports.
    const own = [...exit.stdout.matchAll(/\((\w+)\+0x[0-9a-f]+\)\[0x[0-9a-f]+\]/g)].map(([, name]) => name);
    const names = namesOf(death.stack);
    assert.deepEqual(names.slice(0, 3), ['debugCommand', 'call', 'processCommand']);
    const innermost = own.indexOf('call');
    const expected = own.slice(innermost, own.indexOf('main', innermost) + 1);
    assert.ok(expected.length >= 5, own.join(' '));
    assert.deepEqual(
      names.slice(1, names.indexOf('main') + 1).filter((name) => !name.includes('+')),
      expected,
    );
    // Beside the main thread those that close files, and free memory, in the background.
    assert.ok((death.stack?.threads.length ?? 0) >= 4);
    assert.ok(death.coreBytes < 1024 * 1024);
    assert.deepEqual(death.stack?.problems, []);
  });

  test('aborts by its own panic with the place of it', async () => {
    const { exit, death } = await deathBy('DEBUG PANIC', true);
    assert.equal(exit.signal, 'SIGABRT');
    assert.match(exit.stdout, /Guru Meditation/);
    assert.ok(death?.end.type === 'killed' && death.end.signal === 6 && death.end.capture !== null);
    assert.equal(death.fault?.kind, 'abort');
    assert.match(
      namesOf(death.stack).join('\n'),
      /abort\n(?:.*\n)?_serverPanic\ndebugCommand\ncall\nprocessCommand\n/,
    );
  });
});
