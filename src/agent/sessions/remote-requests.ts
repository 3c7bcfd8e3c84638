import { statSync } from 'node:fs';
import { join } from 'node:path';
import { makeStore } from '../../dumps/store-directory.ts';
import { placeRequest } from '../../journal/requests.ts';
import type { ManualOverride } from '../../model/policy.ts';
import type {
  RemoteControl,
  RemoteRequest,
  RequestAnswer,
  RequestRefusal,
} from '../../model/remote-request.ts';
import { MOST_REQUESTS } from '../../model/remote-request.ts';
import type { Session } from '../../model/session.ts';
import { isSessionRunning } from '../../policy/session-state.ts';
import type { Emit } from '../agent-event.ts';
import type { Clock } from '../clock.ts';
import type { Memory } from '../memory.ts';

export type RemoteParts = {
  /** null: `--remote-control` is off. */
  control: RemoteControl | null;
  /** No one between can have changed what the portal asks for. */
  isSecure: boolean;
  /** Of the state; null: there is none. */
  directory: string | null;
  isDisabled: boolean;
  attachDebugger: boolean;
  memory: Memory;
  clock: Clock;
  emit: Emit;
};

/** An answer is repeated for so long. */
const ANSWERED_MS = 2 * 60 * 60_000;
/** As `crashmon session start` has them. */
const KEEP_MS = 7 * 24 * 60 * 60_000;
const MAX_DISK_BYTES = 2 * 2 ** 30;

type Done = { session?: Session; override?: ManualOverride };

/** Does what admins of the portal ask for, each once, as `crashmon session start` and `crashmon arm` would, or refuses it. */
export class RemoteRequests {
  readonly #parts: RemoteParts;

  constructor(parts: RemoteParts) {
    this.#parts = parts;
  }

  /** For the portal, newest first. */
  answers(): RequestAnswer[] {
    const { memory, clock } = this.#parts;
    const sinceMs = clock().wallMs - ANSWERED_MS;
    const stored = memory.read((journal) => journal.requestAnswers()) ?? [];
    return stored
      .filter(({ atMs }) => atMs >= sinceMs)
      .slice(0, MOST_REQUESTS)
      .map(({ id, why }) => ({ id, why }));
  }

  /** One that was answered before is passed over. */
  carryOut(requests: readonly RemoteRequest[]): void {
    for (const request of requests) this.#carryOut(request);
  }

  #carryOut(request: RemoteRequest): void {
    const { memory, clock, emit, directory } = this.#parts;
    const { id, what } = request;
    const before = memory.read((journal) => journal.requestAnswers());
    if (before === null || before.some((answer) => answer.id === id)) return;
    const decided = this.#refusal(request) ?? this.#prepare(request);
    const why = typeof decided === 'string' ? decided : null;
    const done = typeof decided === 'string' ? {} : decided;
    const atMs = clock().wallMs;
    // If it cannot be stored it was not done, and the portal asks again.
    const isStored = memory.read((journal) => {
      journal.answerRequest({ id, why, atMs }, done);
      return true;
    });
    if (isStored === null) return;
    emit({ event: 'asked', what, why });
    if (why !== null || directory === null) return;
    try {
      // From here on it is as if the CLI had written it.
      placeRequest(directory, 'override');
    } catch (error) {
      emit({ event: 'problem', message: (error as Error).message });
    }
  }

  /** What is said on the instance comes before what the portal says. */
  #refusal({ what }: RemoteRequest): RequestRefusal | null {
    const { control, isSecure, isDisabled, attachDebugger, memory, clock, directory } = this.#parts;
    if (control === null) return 'off';
    if (!isSecure) return 'not-secure';
    memory.refreshManual();
    const { manual, session } = memory.policy;
    if (isDisabled || manual === 'disarmed') return 'disarmed';
    if (directory === null) return 'failed';
    if (what === 'arm') return null;
    if (!attachDebugger || this.#isExitWatched()) return 'no-debugger';
    if (isSessionRunning(session, clock())) return 'running';
    return control.recipient === null ? 'no-key' : null;
  }

  /** As `crashmon session start` refuses it: its main process leaves no dump, and no other is watched. */
  #isExitWatched(): boolean {
    const { memory } = this.#parts;
    if (memory.policy.noCapture?.why !== 'exit-watched') return false;
    return (memory.read((journal) => journal.agent())?.program?.children ?? null) === null;
  }

  #prepare(request: RemoteRequest): Done | RequestRefusal {
    if (request.what === 'arm') return { override: 'armed' };
    const { id, account, maxDumps, forMs } = request;
    const { control, directory, clock } = this.#parts;
    if (directory === null) return 'failed';
    const store = join(directory, 'dumps');
    const recipient = control?.recipient ?? null;
    // No one is there to read a warning.
    if (recipient === null) return 'no-key';
    try {
      makeStore(store, statSync(directory));
    } catch {
      return 'failed';
    }
    const now = clock();
    const startedBy = `account ${account} of the portal`;
    const portalDumps = control?.portalDumps === true ? { portalDumps: true } : {};
    const limits = { maxDumps, endsAtMs: now.wallMs + forMs, keepMs: KEEP_MS, maxDiskBytes: MAX_DISK_BYTES };
    return {
      session: {
        id,
        startedAt: now,
        startedBy,
        account,
        ...limits,
        store,
        ...portalDumps,
        recipient,
        stoppedAtMs: null,
      },
    };
  }
}
