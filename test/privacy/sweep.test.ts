import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { listJournals } from '../../src/journal/list-journals.ts';
import { openJournalReadOnly } from '../../src/journal/open-journal-read-only.ts';
import { until } from '../portal/whole/whole.ts';
import { crashmon, startCrashmon } from '../support/crashmon.ts';
import { ageKey } from '../support/dumps/age-key.ts';
import { untilNoneMarked } from '../support/leftovers.ts';
import { IS_COMPLETE } from '../support/matrix.ts';
import { memoryCgroup } from '../support/memory-cgroup.ts';
import { startPostgres } from '../support/portal/database.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { storedExits } from '../support/stored-exits.ts';
import { type Dying, dyingPrograms, inSession, inTurn, prepare } from '../support/sweep/dying-programs.ts';
import { assertMarks, CONTROL, canary, type Evidence, SECRET } from '../support/sweep/marks.ts';
import { privateLogs, stateBytes } from '../support/sweep/stored-bytes.ts';
import { PORTAL_MAIL, type SweptPortal, startSweptPortal } from '../support/sweep/swept-portal.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const MEMORY_LIMIT = 96 * 1024 * 1024;
const SESSION = ['--max-dumps', '5', '--heap', '--heap-at', '40MB', '--heap-hold', '1h', '--portal-dumps'];

describe('nothing private leaves or is kept, in any encoding', { concurrency: IS_COMPLETE ? 1 : 2 }, () => {
  for (const [at, database] of (['SQLite', 'PostgreSQL'] as const).entries()) {
    test(`a portal on ${database}`, async () => {
      await using postgres = database === 'PostgreSQL' ? await startPostgres() : null;
      // In the suite each database has one of the two rows.
      const programs = dyingPrograms().filter((_, row) => IS_COMPLETE || row === at);
      await using data = await temporaryDirectory('sweep');
      await using cgroup = postgres === null ? memoryCgroup(MEMORY_LIMIT) : null;
      if (cgroup !== null) programs.push(inSession(path.join(data.path, 'go'), cgroup.procs));
      await using portal = await startSweptPortal(data.path, ['shop'], { postgres });
      const { evidence, logs } = await evidenceOf(programs, data.path, portal);
      // The programs had the data: what they printed, or the exception's message, is in their private logs.
      for (const { name, commands } of programs) {
        const withData = logs.get(name)?.filter((log) => log.includes(SECRET)).length ?? 0;
        assert.ok(withData >= commands.length - (IS_COMPLETE ? 1 : 0), `${name}: ${withData} private logs`);
      }
      const { [CONTROL]: shown = [], ...secrets } = portal.expected;
      const withControl = [...shown, 'state directory', 'shown by the CLI'];
      assertMarks(evidence, { [SECRET]: [], [CONTROL]: withControl, ...secrets });
    });
  }
});

async function evidenceOf(programs: readonly Dying[], directory: string, portal: SweptPortal) {
  await using state = await stateDirectory();
  // The home directory of a user, and a file in it.
  const home = path.join(directory, 'home', canary('Home'));
  await mkdir(home, { recursive: true });
  await writeFile(path.join(home, `${canary('File')}.txt`), canary('Content'));
  await prepare(home, programs);
  const { http, mailOfInstance, hookOfInstance } = portal.taps;

  const said: Buffer[] = [];
  const session = async (...args: string[]) => {
    const { code, stdout, stderr } = await crashmon(['session', ...args], { stateDir: state.path });
    assert.equal(code, 0, stderr);
    // It names the program and the modules of a dump by their paths, to its owner.
    said.push(Buffer.from((stdout + stderr).replaceAll(home, '~')));
    return stdout;
  };
  const { recipient } = ageKey(directory);
  const run = async ({ name, commands, armed, sessionBefore }: Dying) => {
    const options = ['--name', 'shop', '--instance', name, '--app-version', '1.0.0', '--log-format', 'json'];
    const portalOptions = ['--portal', `http://127.0.0.1:${http.port}`];
    const mail = ['--notify', `smtp://127.0.0.1:${mailOfInstance.port}`, '--mail-to', 'instance@example.com'];
    const hook = ['--webhook', `http://127.0.0.1:${hookOfInstance.port}/instance`, '--webhook-allow-private'];
    const restarts = ['--restart-delay', '10ms', '--restart-delay-max', '10ms'];
    const policy = ['--arm-after', armed ? '0' : '99', '--cooldown', '1ms', ...restarts];
    // The last one stays, so that crashmon does, and sends the reports.
    const worker = inTurn(commands, path.join(directory, name));
    const env = { SWEEP_CANARY: canary('Environment'), HOME: home };
    await using app = startCrashmon(
      ['run', ...options, ...policy, ...portalOptions, ...mail, ...hook, '--', ...worker, canary('Argument')],
      {
        stateDir: state.path,
        cwd: home,
        env: { ...env, CRASHMON_PORTAL_TOKEN: portal.tokens.get('shop') ?? '' },
        deadlineMs: 300_000,
      },
    );
    if (sessionBefore !== undefined) {
      await app.waitForLine('stderr', /"event":"started"/);
      await session('start', 'shop', '--instance', name, ...SESSION, '--key', recipient);
      await writeFile(sessionBefore, '');
    }
    await portal.mails.mail(
      ({ to, mail: { text } }) => to[0] !== PORTAL_MAIL && text?.includes(`on ${name}`) === true,
    );
    await until('all is sent', () => waitingOf(state.path, name, commands.length) === 0);
    app.kill('SIGTERM');
    const { stderr } = await app.exited;
    const ownLines = stderr.split('\n').filter((line) => line.startsWith('{"at":'));
    said.push(Buffer.from(ownLines.join('\n')));
  };
  const waiting = [...programs];
  const turns = Array.from({ length: 3 }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await run(next);
  });
  await Promise.all(turns);
  await untilNoneMarked(state.path);
  await portal.notified();

  if (programs.some(({ sessionBefore }) => sessionBefore !== undefined)) {
    const listed = await session('list', '--json');
    const { dumps } = JSON.parse(await session('dumps', '--json')) as {
      dumps: { id: string; kind: string }[];
    };
    assert.deepEqual(new Set(dumps.map(({ kind }) => kind)), new Set(['heap-snapshot', 'core']), listed);
    for (const { id } of dumps) await session('show', id);
  }
  const exits = storedExits(state.path);
  const shown = await Promise.all([
    crashmon(['status'], { stateDir: state.path }),
    crashmon(['crashes', '--json'], { stateDir: state.path }),
    ...exits
      .slice(0, 8)
      .map(({ id }) => crashmon(['show', id, '--all', '--threads', '--json'], { stateDir: state.path })),
  ]);
  assert.equal((await portal.uids('shop')).length, exits.filter(({ verdict }) => verdict.counted).length);
  const evidence: Evidence = {
    ...(await portal.evidence()),
    'state directory': stateBytes(state.path, home),
    'said by crashmon': said,
    'shown by the CLI': shown.map(({ stdout, stderr }) => Buffer.from(stdout + stderr)),
  };
  assertMemory(programs, shown.map(({ stdout }) => stdout).join());
  return { evidence, logs: privateLogs(state.path, 'instance') };
}

/** Records of an instance that are not sent yet; null before it has so many exits, and has reported them. */
function waitingOf(stateDir: string, name: string, exits: number): number | null {
  const found = listJournals(stateDir).find(({ instance }) => instance === name);
  using journal = found === undefined ? null : openJournalReadOnly(found.directory);
  const ended = journal?.exits({ limit: exits + 1 }) ?? [];
  // Raw captures are deleted once they are reported; the worker that stays has one.
  const raw = found === undefined ? [] : readdirSync(path.join(found.directory, 'raw'));
  const isOver = ended.length === exits && raw.length <= 1;
  return isOver ? (journal?.outboxTotals().records ?? null) : null;
}

/** What is known of the memory of a session's programs was among the evidence. */
function assertMemory(programs: readonly Dying[], shown: string): void {
  if (programs.every(({ sessionBefore }) => sessionBefore === undefined)) return;
  for (const field of [/"old_space"/, /"mappings"/, /"descriptors"/]) assert.match(shown, field);
}
