import { badPacket } from '../formats/rsp/bad-packet.ts';
import { parseHexBytes } from '../formats/rsp/hex.ts';
import { type RegisterLayout, registerLayout } from '../formats/rsp/register-layout.ts';
import { parseTargetDescription } from '../formats/rsp/target-description.ts';
import { formatThreadId } from '../formats/rsp/thread-id.ts';
import { formatXferRead, parseXferWindow } from '../formats/rsp/xfer-window.ts';
import type { RspConnection } from './rsp-connection.ts';

const WINDOW_BYTES = 0x3000;
/** A target description has about 10 KB. */
const MAX_OBJECT_BYTES = 256 * 1024;
const SIGINFO_BYTES = 128;

/**
 * Reads registers and objects of one process through its debugger.
 * Each method throws CrashmonError BAD_RECORD where that fails.
 */
export class TargetReader {
  readonly #connection: RspConnection;
  readonly #pid: number;
  readonly #deadlineMs: number;

  constructor(connection: RspConnection, pid: number, deadlineMs: number) {
    this.#connection = connection;
    this.#pid = pid;
    this.#deadlineMs = deadlineMs;
  }

  /** The raw answer to `g` of a stopped thread. */
  async registers(tid: number): Promise<Uint8Array> {
    return parseHexBytes(await this.#ofThread(tid, 'g'));
  }

  /** `siginfo_t` of the signal that a thread is stopped for. */
  async signalInfo(tid: number): Promise<Uint8Array> {
    const answer = await this.#ofThread(tid, formatXferRead('siginfo', '', 0, SIGINFO_BYTES));
    return Buffer.from(parseXferWindow(answer).data, 'latin1');
  }

  /** For kernels that let only the tracer read it. */
  async auxiliaryVector(): Promise<Uint8Array> {
    return Buffer.from(await this.#object('auxv', ''), 'latin1');
  }

  /** How this process's answers to `g` are laid out; gdbserver knows once a thread has stopped. */
  async layout(): Promise<RegisterLayout> {
    return registerLayout(parseTargetDescription(await this.#object('features', 'target.xml')));
  }

  async #object(name: string, annex: string): Promise<string> {
    let object = '';
    for (;;) {
      const request = formatXferRead(name, annex, object.length, WINDOW_BYTES);
      const window = parseXferWindow(await this.#ofThread(this.#pid, request));
      object += window.data;
      if (window.last) return object;
      if (object.length > MAX_OBJECT_BYTES) throw badPacket('an object that is too long');
    }
  }

  /** Selects the thread and asks in one request, so that no other selection comes in between. */
  async #ofThread(tid: number, request: string): Promise<string> {
    const selected = this.#connection.request(
      `Hg${formatThreadId({ pid: this.#pid, tid })}`,
      this.#deadlineMs,
    );
    const answered = this.#connection.request(request, this.#deadlineMs);
    const [selection, answer] = await Promise.all([selected, answered]);
    if (selection !== 'OK') throw badPacket('a thread is gone');
    // Registers may well start with a lower-case e.
    if (/^E(?:[0-9a-f]{2}$|\.)/.test(answer)) throw badPacket('the process cannot be read');
    return answer;
  }
}
