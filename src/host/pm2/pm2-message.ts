import type { ExitStatus } from '../../model/exit.ts';
import { type Pm2Process, toPm2Process } from './pm2-process.ts';

/** What a message of PM2's bus says, as far as it concerns starts and exits. */
export type Pm2Message =
  | { type: 'online'; process: Pm2Process }
  | { type: 'exit'; process: Pm2Process; code: number | null; isStopping: boolean }
  /** PM2's own log says more than its events: the signal. */
  | { type: 'exit-line'; name: string; pmId: number; status: ExitStatus }
  /** PM2's code in a worker saw an uncaught exception or an unhandled rejection, or the app reported an error to it. */
  | { type: 'exception'; pmId: number }
  /** `isOld`: of the process that a reload replaces. */
  | { type: 'error-output'; pmId: number; isOld: boolean; text: string; atMs: number };

export const TOPICS: readonly string[] = ['process:event', 'process:exception', 'log:PM2', 'log:err'];

/** PM2 writes SIGINT if there was no signal. */
const NO_SIGNAL = 'SIGINT';
const EXIT_LINE = /^App \[(.+):(?:_old_)?(\d+)\] exited with code \[(\d+)\] via signal \[(SIG[A-Z\d]+)\]/;

/** null for a message of no interest, and for one that PM2 would not send. */
export function readPm2Message(topic: string, body: Buffer): Pm2Message | null {
  const message = parse(body);
  if (message === null) return null;
  if (topic === 'log:PM2') return readExitLine(message.data);
  const process = isRecord(message.process) ? message.process : {};
  if (topic === 'process:exception') {
    const { pm_id: pmId } = process;
    return typeof pmId === 'number' ? { type: 'exception', pmId } : null;
  }
  if (topic === 'log:err') return readErrorOutput(process, message);
  const known = toPm2Process(process);
  if (known === null) return null;
  if (message.event === 'online') return { type: 'online', process: known };
  if (message.event !== 'exit') return null;
  const code = Number.isSafeInteger(process.exit_code) ? Number(process.exit_code) : null;
  return { type: 'exit', process: known, code, isStopping: process.status === 'stopping' };
}

function readExitLine(line: unknown): Pm2Message | null {
  const [, name, pmId, code, signal = ''] = EXIT_LINE.exec(typeof line === 'string' ? line : '') ?? [];
  if (name === undefined) return null;
  const status: ExitStatus =
    signal === NO_SIGNAL ? { type: 'code', code: Number(code) } : { type: 'signal', signal };
  return { type: 'exit-line', name, pmId: Number(pmId), status };
}

function readErrorOutput(
  process: Record<string, unknown>,
  { data, at }: Record<string, unknown>,
): Pm2Message | null {
  const [, old, number] = /^(_old_)?(\d{1,9})$/.exec(`${process.pm_id}`) ?? [];
  if (number === undefined || typeof data !== 'string' || typeof at !== 'number') return null;
  return { type: 'error-output', pmId: Number(number), isOld: old !== undefined, text: data, atMs: at };
}

function parse(body: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body.toString());
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
