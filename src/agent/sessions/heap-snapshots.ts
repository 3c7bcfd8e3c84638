import { statfs } from 'node:fs/promises';
import { rawDirectory } from '../../journal/raw-capture.ts';
import type { MemoryUse } from '../../model/memory.ts';
import type { HeapPlan, Refusal, Session } from '../../model/session.ts';
import { FILE_FACTOR, snapshotAt, snapshotObstacle } from '../../policy/heap-snapshot.ts';
import { isSessionOfMain } from '../../policy/session-state.ts';
import type { MemoryObserver } from '../memory-watch.ts';
import type { MonitorParts } from '../monitor-parts.ts';
import { newRunId } from '../new-run-id.ts';
import { inMemory, type RunPlace } from '../run-in-memory.ts';
import type { SealJob } from './seal-process.ts';
import { SnapshotRequest } from './snapshot-request.ts';
import { startSealing } from './start-sealing.ts';

/** Left free of the file system. */
const RESERVE_BYTES = 64 * 1024 * 1024;
/** Of the heap's size at which one is taken: below, it is too early to ask, or to say why not. */
const EARLY = 0.5;
const LATE = 0.8;
/** The restarted worker has the processor to itself first. */
const HEAD_START_MS = 500;

type Parts = Pick<MonitorParts, 'options' | 'instance' | 'memory' | 'clock'> & {
  /** What the worker runs, absolute path; null if it was not seen. */
  executable: () => string | null;
  /** A snapshot was kept, or was not. */
  onChange: () => void;
};

type SessionWithHeap = Session & { heap: HeapPlan };

/** Of one run in one session, which has one snapshot at most. */
type Wish = {
  place: RunPlace;
  session: SessionWithHeap;
  request: SnapshotRequest | null;
  state: 'open' | 'asking' | 'over';
};

/** In a session with `--heap`: has an armed Node.js worker of ours take a heap snapshot near its limit, and keeps it. */
export class HeapSnapshots implements MemoryObserver {
  readonly #parts: Parts;
  #wish: Wish | null = null;
  #waiting: { timer: NodeJS.Timeout; seal: () => void } | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  sampled(place: RunPlace, uses: readonly MemoryUse[]): void {
    const session = this.#session();
    const before = this.#wish;
    if (before !== null && (before.place.runId !== place.runId || before.session.id !== session?.id)) {
      this.#drop(before);
    }
    if (session === null) return;
    this.#wish ??= { place, session, request: null, state: 'open' };
    const heap = uses.find(({ of }) => of === 'heap');
    if (this.#wish.state !== 'open' || heap === undefined) return;
    if (this.#wish.request === null) this.#consider(this.#wish, heap, uses);
    else this.#check(this.#wish, this.#wish.request, heap, uses);
  }

  /** The worker has ended, or is no longer watched; what it wrote in memory is still there. */
  ended(): void {
    const wish = this.#wish;
    this.#wish = null;
    if (wish?.request == null) return;
    const state = wish.request.state();
    if (state === 'waiting') wish.request.takeBack();
    else if (state === 'writing') this.#refuse(wish, 'heap-interrupted');
    else if (state === 'failed') this.#refuse(wish, 'heap-failed');
    else this.#sealLater(wish, wish.request, state.sizeBytes);
  }

  /** After the last worker: what waits is sealed by a process of its own. */
  settle(): void {
    this.#waiting?.seal();
  }

  #session(): SessionWithHeap | null {
    const { memory, clock } = this.#parts;
    const record = memory.policy.session;
    if (record?.session.heap === undefined || !isSessionOfMain(record, clock())) return null;
    return { ...record.session, heap: record.session.heap };
  }

  #consider(wish: Wish, heap: MemoryUse, uses: readonly MemoryUse[]): void {
    const atBytes = snapshotAt(wish.session.heap, heap.limitBytes);
    if (heap.usedBytes < EARLY * atBytes) return;
    const obstacle = snapshotObstacle(wish.session.heap, atBytes, uses);
    if (obstacle === null) void this.#ask(wish, atBytes, heap.usedBytes);
    else if (heap.usedBytes >= LATE * atBytes) this.#refuse(wish, obstacle);
  }

  /** Room can be gone meanwhile. */
  #check(wish: Wish, request: SnapshotRequest, heap: MemoryUse, uses: readonly MemoryUse[]): void {
    const state = request.state();
    if (state === 'writing') return;
    if (state === 'failed') this.#refuse(wish, 'heap-failed');
    else if (state !== 'waiting') {
      wish.state = 'over';
      wish.request = null;
      this.#seal(wish, request, state.sizeBytes);
    } else {
      const atBytes = snapshotAt(wish.session.heap, heap.limitBytes);
      const obstacle = snapshotObstacle(wish.session.heap, atBytes, uses);
      if (obstacle === null || !request.takeBack()) return;
      wish.request = null;
      if (heap.usedBytes >= LATE * atBytes) this.#refuse(wish, obstacle);
    }
  }

  async #ask(wish: Wish, atBytes: number, usedBytes: number): Promise<void> {
    wish.state = 'asking';
    const why = await this.#tryToAsk(wish, atBytes);
    if (this.#wish !== wish) return;
    wish.state = 'open';
    if (why !== null && usedBytes >= LATE * atBytes) this.#refuse(wish, why);
  }

  async #tryToAsk(wish: Wish, atBytes: number): Promise<Refusal | null> {
    const { place } = wish;
    const raw = rawDirectory(place.directory, place.runId);
    try {
      const { bavail, bsize } = await statfs(raw);
      if (bavail * bsize < FILE_FACTOR * atBytes + RESERVE_BYTES) return 'no-space';
      if (this.#wish === wish) wish.request = new SnapshotRequest(inMemory(place), raw, atBytes);
      return null;
    } catch {
      return 'heap-failed';
    }
  }

  #drop(wish: Wish): void {
    this.#wish = null;
    if (wish.request?.takeBack() === false) wish.request.close();
  }

  #refuse(wish: Wish, why: Refusal): void {
    const { memory, clock, onChange } = this.#parts;
    wish.request?.close();
    wish.request = null;
    wish.state = 'over';
    const refused = { crash: wish.place.runId, why, atMs: clock().wallMs };
    memory.write((journal) => journal.refuseDump(refused));
    setImmediate(onChange);
  }

  #sealLater(wish: Wish, request: SnapshotRequest, sizeBytes: number): void {
    this.#waiting?.seal();
    const seal = () => {
      clearTimeout(timer);
      this.#waiting = null;
      this.#seal(wish, request, sizeBytes);
    };
    const timer = setTimeout(seal, HEAD_START_MS).unref();
    this.#waiting = { timer, seal };
  }

  /** In a process of the lowest priority: the worker can still run. */
  #seal({ place, session }: Wish, request: SnapshotRequest, sizeBytes: number): void {
    const { options, instance, clock, executable, onChange } = this.#parts;
    const job: SealJob = {
      ...{ app: options.app, instance, directory: place.directory, run: place.runId, session: session.id },
      ...{ kind: 'heap-snapshot', id: newRunId(), executable: executable() ?? '', ended: null },
      ...{ takenAtMs: clock().wallMs, sizeBytes },
    };
    startSealing(job, request.fd).once('exit', onChange);
    request.close();
  }
}
