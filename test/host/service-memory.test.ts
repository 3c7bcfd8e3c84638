// What the agent of a host reads of an armed service's memory before the kernel kills it; a real control group.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { AgentEvent } from '../../src/agent/agent-event.ts';
import { systemClock } from '../../src/agent/clock.ts';
import { DebuggerPool } from '../../src/agent/native/debugger-pool.ts';
import { HostExits } from '../../src/host/capture/host-exits.ts';
import { HostedApp } from '../../src/host/hosted-app.ts';
import { HostTcp } from '../../src/host/impact/host-tcp.ts';
import { NewProcesses } from '../../src/host/processes/new-processes.ts';
import type { Service } from '../../src/host/source.ts';
import { Turnstile } from '../../src/host/turnstile.ts';
import { readProcessStat } from '../../src/worker/process-info.ts';
import { CHECKOUT } from '../support/crashmon.ts';
import { hostSettings } from '../support/host/host-settings.ts';
import { memoryCgroup } from '../support/memory-cgroup.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { untilReported } from '../support/until-reported.ts';

const SHOP: Service = { id: 'process:shop', source: 'process', name: 'shop', replica: null, attributes: {} };
const LIMIT = 96 * 1024 * 1024;
const LEAKS = path.join(CHECKOUT, 'test/fixtures/agent/leaks_memory.py');
/** The limit comes near, and what the memory is used for is read even on a busy machine. */
const SLOWLY_FROM_MB = 80;

test('the OOM kill of an armed service has a report of its memory; another end leaves nothing of it', async () => {
  await using state = await stateDirectory();
  const events: AgentEvent[] = [];
  const debuggers = new DebuggerPool(assert.fail);
  const exits = new HostExits(assert.fail);
  const policy = { armAfter: 0, windowMs: 3_600_000, cooldownMs: 0 };
  const app = new HostedApp(SHOP, hostSettings({}, { policy }).ofApp('shop'), {
    ...{ stateDir: state.path, uid: process.getuid?.() ?? 0, clock: systemClock(), exits, debuggers },
    ...{ turnstile: new Turnstile(1), started: new NewProcesses(), probes: null, tcp: new HostTcp() },
    ...{ onStatus: () => {}, onEnd: () => {}, emit: (event) => void events.push(event) },
  });
  // It is followed from its start on.
  await app.open();
  const raw = path.join(state.path, 'apps', 'shop', 'host', 'raw');
  const run = async (key: string, asked: boolean) => {
    await using cgroup = memoryCgroup(LIMIT);
    const command = `echo $$ > ${cgroup.procs}; echo ready; exec /usr/bin/python3 ${LEAKS} ${SLOWLY_FROM_MB}`;
    const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore'] });
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    const pid = child.pid ?? 0;
    const startTicks = readProcessStat(pid)?.startTicks ?? null;
    const start = { service: SHOP, key, pid, startTicks, startedAtMs: Date.now() };
    app.started(start);
    const [, signal] = await exited;
    assert.equal(signal, 'SIGKILL');
    const facts = existsSync(raw) ? readdirSync(raw, { recursive: true }) : [];
    const stored = await app.exited({
      ...{ start, status: { type: 'signal', signal }, endedAtMs: Date.now(), asked, because: null },
      lastWords: async () => null,
    });
    assert.equal(stored, true);
    return facts.some((name) => String(name).endsWith('memory.json'));
  };
  try {
    assert.equal(await run('boot/1', false), true);
    const ended = events.findLast((each) => each.event === 'ended');
    assert.deepEqual([ended?.verdict.kind, ended?.captured], ['oom-kill', true]);
    const { kind, memory, frames } = await untilReported(state.path);
    assert.deepEqual([kind, frames], ['oom-kill', []]);
    const [nearest] = memory?.process?.uses ?? [];
    assert.deepEqual([nearest?.of, nearest?.limitBytes], ['cgroup', LIMIT]);
    assert.ok((nearest?.usedBytes ?? 0) > LIMIT / 2);
    assert.equal(memory?.process?.mappings?.[0]?.kind, 'anonymous');
    assert.equal(await run('boot/2', true), true, 'a stop: it was near the limit, too');
    assert.deepEqual(
      readdirSync(raw, { recursive: true }).filter((name) => String(name).endsWith('memory.json')),
      [],
    );
  } finally {
    await app.end();
    await debuggers.end();
    await exits.end();
  }
});
