import type { ExitStatus, SupervisorReason } from '../../model/exit.ts';
import type { Service, ServiceExit, ServiceStart } from '../source.ts';
import { LateWords } from '../workers/late-words.ts';
import { ErrorOutput } from './error-output.ts';
import type { Worker } from './find-worker.ts';
import type { Pm2Message } from './pm2-message.ts';
import type { Pm2Process } from './pm2-process.ts';
import { runKey, serviceOf } from './pm2-service.ts';

/** One start of a process of PM2. */
export type Pm2Run = {
  readonly process: Pm2Process;
  readonly service: Service;
  readonly key: string;
  /** null until it is found, or if it ended before that. */
  worker: Worker | null;
  isOver: boolean;
  readonly output: ErrorOutput;
  /** Of processes below it. */
  readonly words: LateWords;
};

export type Pm2Ending = {
  run: Pm2Run;
  status: ExitStatus;
  asked: boolean;
  because: SupervisorReason | null;
};

type ExitMessage = Pm2Message & { type: 'exit' };

/** The runs of one PM2 home that are known, and what its messages mean for them. */
export class Pm2Runs {
  readonly #home: string;
  readonly #bootId: string;
  readonly #runs = new Map<string, Pm2Run>();
  /** The newest line of PM2's log on an exit, by the number of the process. */
  readonly #lines = new Map<number, ExitStatus>();
  /** When an exception was reported last, by the number of the process. */
  readonly #exceptions = new Map<number, number>();

  constructor(home: string, bootId: string) {
    this.#home = home;
    this.#bootId = bootId;
  }

  get running(): readonly Pm2Run[] {
    return [...this.#runs.values()].filter(({ isOver }) => !isOver);
  }

  find(process: Pm2Process): Pm2Run | undefined {
    return this.#runs.get(runKey(this.#bootId, process));
  }

  add(process: Pm2Process): Pm2Run {
    const others = this.running.filter((run) => run.process.uniqueId !== process.uniqueId);
    const service = serviceOf(this.#home, process, (id) => others.some((run) => run.service.id === id));
    const key = runKey(this.#bootId, process);
    const output = new ErrorOutput();
    const words = new LateWords(async (fromMs, untilMs) => output.written(fromMs, untilMs));
    const run: Pm2Run = { process, service, key, worker: null, isOver: false, output, words };
    // Those that are over are known as long as their process has no newer run: PM2 reports a stop twice.
    for (const [key, old] of this.#runs) {
      if (!old.isOver || old.process.pmId !== process.pmId) continue;
      old.output.close();
      this.#runs.delete(key);
    }
    this.#runs.set(run.key, run);
    return run;
  }

  errorOutput({ pmId, isOld, text, atMs }: Pm2Message & { type: 'error-output' }): void {
    const runs = [...this.#runs.values()].filter((run) => run.process.pmId === pmId);
    (isOld ? runs[0] : runs.at(-1))?.output.add(text, atMs);
  }

  exitLine({ pmId, status }: Pm2Message & { type: 'exit-line' }): void {
    this.#lines.set(pmId, status);
  }

  exception({ pmId }: Pm2Message & { type: 'exception' }): void {
    this.#exceptions.set(pmId, performance.now());
  }

  /** The run that ended, and how; null if that is no news. */
  exit(message: ExitMessage): Pm2Ending | null {
    const { process, code, isStopping: asked } = message;
    const line = this.#lines.get(process.pmId);
    this.#lines.delete(process.pmId);
    const known = this.find(process);
    // Of one that was never seen, only the report that comes with the line: the second one of a stop looks like a crash.
    if (known?.isOver || (known === undefined && line === undefined)) return null;
    const run = known ?? this.add(process);
    run.isOver = true;
    // PM2 reports a signal as code 0.
    const status = line ?? (code === null || code === 0 ? UNKNOWN : ({ type: 'code', code } as const));
    const sinceMs = performance.now() - (this.#exceptions.get(process.pmId) ?? Number.NEGATIVE_INFINITY);
    this.#exceptions.delete(process.pmId);
    // PM2's code in the process ends it right after the report.
    const isByPm2 = status.type === 'code' && status.code === EXCEPTION_CODES[process.mode];
    const because = isByPm2 && !asked && sinceMs < EXCEPTION_ENDS_MS ? 'exception' : null;
    return { run, status, asked, because };
  }
}

/** Source: pm2/lib/ProcessContainer.js, @pm2/io/build/main/features/notify.js. */
const EXCEPTION_CODES = { fork: 1, cluster: 0 } as const;
/** From the report of an exception to the end, on a busy machine. */
const EXCEPTION_ENDS_MS = 1_000;
const UNKNOWN: ExitStatus = { type: 'unknown' };

export function toStart({ service, key, process, worker, words }: Pm2Run): ServiceStart {
  const { startedAtMs, restarts } = process;
  const { pid = 0, startTicks = null } = worker ?? {};
  const wordsOf = (_worker: unknown, endedAtMs: number) => words.of(endedAtMs);
  return { service, key, pid, startTicks, startedAtMs, restarts, wordsOf };
}

export function toExit({ run, status, asked, because }: Pm2Ending, endedAtMs: number): ServiceExit {
  return {
    ...{ start: toStart(run), status, endedAtMs, asked, because },
    lastWords: () => run.output.lastWords(),
  };
}
