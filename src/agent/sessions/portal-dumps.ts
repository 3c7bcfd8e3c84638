import { fileURLToPath } from 'node:url';
import type { WantedDump } from '../../model/sealed-dump.ts';
import { startBackground } from '../background-process.ts';
import { type DumpJob, OUTCOMES } from './dump-job.ts';

const ENTRY = fileURLToPath(
  new URL(`./dump-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);
/** After the first failure; then twice as long each time. */
const PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 60 * 60_000;

const WORDS = {
  away: 'it cannot be reached, or has no room',
  refused: 'it refuses them',
  unreadable: 'they cannot be read',
} as const;

type Parts = {
  /** What of it the session that kept it lets the portal have. */
  offered(wanted: readonly WantedDump[]): DumpJob['dumps'];
  target(): Pick<DumpJob, 'endpoint' | 'headers' | 'instance'>;
  /** Of these crashes. */
  onSending(crashUids: readonly string[]): void;
  onProblem(message: string): void;
};

/** Sends encrypted dumps that the portal asks for, in a process of its own: neither the agent nor a report waits for it. */
export class PortalDumps {
  readonly #parts: Parts;
  #isRunning = false;
  #failures = 0;
  #notBeforeMs = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The portal asks again with each heartbeat, until it has them. */
  send(wanted: readonly WantedDump[]): void {
    if (this.#isRunning || wanted.length === 0 || performance.now() < this.#notBeforeMs) return;
    const dumps = this.#parts.offered(wanted);
    if (dumps.length === 0) return;
    this.#isRunning = true;
    this.#parts.onSending(dumps.map(({ crashUid }) => crashUid));
    const job: DumpJob = { ...this.#parts.target(), dumps };
    // On standard input: it holds the token.
    const child = startBackground(process.execPath, [ENTRY], ['pipe']);
    child.once('error', () => this.#ended(1));
    child.once('exit', (code) => this.#ended(code ?? 1));
    child.stdin?.on('error', () => {});
    child.stdin?.end(JSON.stringify(job));
    child.unref();
  }

  #ended(code: number): void {
    this.#isRunning = false;
    const outcome = OUTCOMES[code];
    if (outcome === 'sent') {
      this.#failures = 0;
      this.#notBeforeMs = 0;
      return;
    }
    const pauseMs = Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** Math.min(this.#failures, 10));
    this.#notBeforeMs = performance.now() + pauseMs;
    this.#failures += 1;
    if (this.#failures > 1 || outcome === undefined) return;
    this.#parts.onProblem(
      `Dumps were not sent to the portal: ${WORDS[outcome]}. They stay here; crashmon tries again.`,
    );
  }
}
