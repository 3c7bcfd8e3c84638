// Holds debugger sessions as the agent does: attaches, and reports what was captured and how long that held the process.
// The bench chooses its Node.js flags; `V8_FLAGS` are set after the start.
import { closeSync, openSync, unlinkSync, writevSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { classifyFault } from '../../src/analysis/fault/classify-fault.ts';
import { writeTrimmedCore } from '../../src/capture/native/trimmed-core.ts';
import { attachDebugger } from '../../src/debugger/attach-debugger.ts';
import { KeptMemory } from '../../src/debugger/kept-memory.ts';
import { runSelfTest } from '../../src/debugger/self-test.ts';
import channel from './channel.cjs';

/** On a busy machine a hold is long, not absent. */
const HOLD_LIMIT_MS = 5000;
const sessions = new Map();
const ended = new WeakSet();

function onFatal(snapshot) {
  const start = performance.now();
  const fault = classifyFault(snapshot);
  const classified = performance.now();
  const core = writeTrimmedCore(snapshot);
  const trimMs = performance.now() - classified;
  return { fault, core, classifyMs: classified - start, trimMs, threads: snapshot.threads.length };
}

/** As in a session with --full. */
async function onFatalWhole(snapshot, { untilMs }) {
  const captured = onFatal(snapshot);
  return { ...captured, memory: await KeptMemory.of(snapshot.pid, untilMs) };
}

async function attach({ pid, whole }) {
  const start = performance.now();
  const options = { pid, onFatal: whole ? onFatalWhole : onFatal, holdLimitMs: HOLD_LIMIT_MS };
  const session = await attachDebugger(options);
  if ('failed' in session) throw new Error(`not attached: ${session.message}`);
  sessions.set(pid, session);
  void session.ended.then(() => ended.add(session));
  return { ms: performance.now() - start };
}

/** The crash of an attached process: what was captured, stored as by the agent. */
async function death({ pid, keep }) {
  const session = sessions.get(pid);
  if (session === undefined) throw new Error('it was not attached');
  const end = await session.ended;
  sessions.delete(pid);
  if (end.type !== 'killed' || end.capture === null)
    throw new Error(`no capture: ${JSON.stringify(end.type)}`);
  const { holdMs, value } = end.capture;
  const { core, fault, classifyMs, trimMs, threads, memory } = value;
  if (typeof memory === 'string') throw new Error(`memory was not kept: ${memory}`);
  if (memory?.claim() === false) throw new Error('memory was lost');
  memory?.release();
  const start = performance.now();
  write(core.chunks, keep);
  const nullAccess = Number(fault.summary === 'null-access');
  const sizeBytes = core.sizeBytes;
  return { holdMs, classifyMs, trimMs, threads, nullAccess, sizeBytes, writeMs: performance.now() - start };
}

/** Into an unlinked file in memory, or to `keep` for inspection. */
function write(chunks, keep) {
  const path = keep ?? `/dev/shm/bench-core-${process.pid}`;
  const file = openSync(path, 'wx', 0o600);
  if (keep === undefined) unlinkSync(path);
  writevSync(file, chunks);
  closeSync(file);
}

const ORDERS = {
  attach,
  death,
  async detach({ pid }) {
    const start = performance.now();
    await sessions.get(pid)?.detach();
    return { ms: performance.now() - start };
  },
  /** Is it still attached? */
  state: ({ pid }) => ({ attached: Number(sessions.has(pid) && !ended.has(sessions.get(pid))) }),
};

for (const flag of (process.env.V8_FLAGS ?? '').split(' ')) if (flag !== '') setFlagsFromString(flag);
const start = performance.now();
const selfTest = await runSelfTest({ onFatal, holdLimitMs: HOLD_LIMIT_MS });
channel.joinBench({ selfTest, selfTestMs: performance.now() - start }, async (request) => {
  try {
    return await ORDERS[request.order](request);
  } catch (error) {
    return { error: error.message };
  }
});
