import { readProcessStat } from '../../worker/process-info.ts';
import type { NoWords } from '../no-words.ts';
import type { ServiceStart } from '../source.ts';
import type { SystemdBus } from './bus.ts';
import { HeldAnswers } from './held-answers.ts';
import type { JournalAccess } from './journal-access.ts';
import type { UnitEnd } from './pending-ends.ts';
import type { UnitMemory, UnitRun } from './unit-runs.ts';
import { keyOf, serviceOf } from './unit-service.ts';
import { userHasNoWords } from './unit-words.ts';
import { WorkerOutput } from './worker-output.ts';

type Asked = Pick<SystemdBus, 'command' | 'output' | 'restart'>;
type UnitStartsParts = {
  bootId: string;
  access: JournalAccess;
  /** Asks systemd; null without a connection or an answer. */
  ask: <Answer>(question: (bus: Asked) => Promise<Answer | null>) => Promise<Answer | null>;
  /** Of a unit that is followed. */
  memoryOf: (unit: string) => UnitMemory | undefined;
};

/** What is reported of a run, and what can be asked of it. */
export class UnitStarts {
  readonly #parts: UnitStartsParts;
  readonly #workerOutput = new WorkerOutput();
  readonly #commands: HeldAnswers<Awaited<ReturnType<Asked['command']>> | null>;
  readonly #outputs: HeldAnswers<Awaited<ReturnType<Asked['output']>> | null>;

  constructor(parts: UnitStartsParts) {
    this.#parts = parts;
    this.#commands = new HeldAnswers((unit) => parts.ask((bus) => bus.command(unit)));
    this.#outputs = new HeldAnswers((unit) => parts.ask((bus) => bus.output(unit)));
  }

  of(unit: string, { invocationId, pid, startedUs }: UnitRun): ServiceStart {
    const { bootId, ask, memoryOf } = this.#parts;
    return {
      service: serviceOf(unit),
      key: keyOf(bootId, invocationId),
      pid,
      startTicks: pid === 0 ? null : (readProcessStat(pid)?.startTicks ?? null),
      startedAtMs: startedUs / 1000,
      restarts: memoryOf(unit)?.restarts ?? 0,
      command: () => this.#commands.of(unit),
      restart: () => ask((bus) => bus.restart(unit)),
      isStopping: () => memoryOf(unit)?.stopping ?? false,
      wordsOf: (worker, endedAtMs) => this.#workerOutput.of(invocationId, worker, endedAtMs),
      noWords: () => this.#noWords(unit, pid),
    };
  }

  /** Of a run that was not seen, or not by this agent. */
  ofEnd({ unit, invocationId, bootId, pid, startedAtMs }: UnitEnd): ServiceStart {
    const start = this.of(unit, { invocationId, pid, startedUs: startedAtMs * 1000 });
    return { ...start, key: keyOf(bootId, invocationId), startTicks: null };
  }

  /** What systemd says of its units can be another thing now. */
  reloaded(): void {
    this.#commands.clear();
    this.#outputs.clear();
  }

  async #noWords(unit: string, pid: number): Promise<NoWords | null> {
    const { access, memoryOf } = this.#parts;
    if (memoryOf(unit) === undefined) return null;
    const output = (await this.#outputs.of(unit)) ?? {};
    return userHasNoWords(output, pid, access, process.getuid?.());
  }
}
