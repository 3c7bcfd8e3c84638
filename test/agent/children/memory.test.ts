// What is read of the memory of workers below a master, before the kernel kills the one that leaks; real control groups.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { freePort } from '../../support/free-port.ts';
import { assertNothingLeft } from '../../support/leftovers.ts';
import { memoryCgroup } from '../../support/memory-cgroup.ts';
import { stateDirectory } from '../../support/state-directory.ts';
import { untilReported } from '../../support/until-reported.ts';
import { exitsOf } from '../run-worker.ts';
import { MASTERS, type RunningMaster, startMaster } from './run-master.ts';

const LIMIT = 256 * 1024 * 1024;

type Leaking = { command: string[]; leak: (master: RunningMaster) => unknown };

const LEAKING: Record<string, () => Promise<Leaking>> = {
  async gunicorn() {
    const port = await freePort();
    return {
      command: [
        'gunicorn',
        '-b',
        `127.0.0.1:${port}`,
        '-w',
        '2',
        '-t',
        '120',
        '-k',
        'wsgi.Fragile',
        'wsgi:app',
      ],
      leak: () => void fetch(`http://127.0.0.1:${port}/leak`).catch(() => {}),
    };
  },
  'node cluster': async () => ({
    command: [process.execPath, path.join(MASTERS, 'cluster.cjs')],
    leak: ({ program }) => program.stdin.write('leak\n'),
  }),
};

describe('the OOM kill of a worker below a master', () => {
  for (const [name, leaking] of Object.entries(LEAKING)) {
    test(`${name}: armed it has a report of its memory`, async () => {
      await using state = await stateDirectory();
      await using cgroup = memoryCgroup(LIMIT);
      const { command, leak } = await leaking();
      const inCgroup = ['sh', '-c', `echo $$ > ${cgroup.procs}; exec "$@"`, 'sh', ...command];
      await using master = await startMaster(state.path, inCgroup, {
        ...{ workers: 2, options: ['--arm-after', '0'] },
      });
      const ended = await master.endBy(() => leak(master));
      assert.deepEqual([ended.verdict.kind, ended.captured], ['oom-kill', true]);
      assert.deepEqual([ended.process.role, ended.process.name], ['worker', name]);
      const { kind, frames, memory } = await untilReported(state.path, ended.runId);
      assert.deepEqual([kind, frames], ['oom-kill', []]);
      const facts = memory?.process;
      assert.ok(facts);
      assert.deepEqual([facts.uses[0]?.of, facts.uses[0]?.limitBytes], ['cgroup', LIMIT]);
      assert.ok(facts.residentBytes > LIMIT / 3, String(facts.residentBytes));
      assert.ok((facts.growth?.bytes ?? 0) > LIMIT / 8);
      assert.equal(facts.mappings?.[0]?.kind, 'anonymous');
      await master.stop();
      await assertNothingLeft(state.path);
    });
  }

  test('that is not armed counts towards it', async () => {
    await using state = await stateDirectory();
    await using cgroup = memoryCgroup(LIMIT);
    const command = [process.execPath, path.join(MASTERS, 'cluster.cjs')];
    const inCgroup = ['sh', '-c', `echo $$ > ${cgroup.procs}; exec "$@"`, 'sh', ...command];
    await using master = await startMaster(state.path, inCgroup, {
      workers: 2,
      options: ['--arm-after', '1'],
    });
    const leak = () => master.program.stdin.write('leak\n');
    const first = await master.endBy(leak);
    assert.deepEqual([first.verdict.kind, first.captured, first.noCapture], ['oom-kill', false, null]);
    assert.equal((await master.endBy(leak)).state, 'armed');
    await master.stop();
    assert.equal(exitsOf(state.path).filter(({ counted }) => counted).length, 2);
    await assertNothingLeft(state.path);
  });
});
