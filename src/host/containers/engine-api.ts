import { statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { bodyOf, httpGet } from '../http-get.ts';

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 8 * 1024 * 1024;

/** The HTTP API of a container engine at its socket (Docker Engine API 1.41, which Podman has, too). Only GET. */
export class EngineApi {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** @throws Error if there is no answer of JSON in time */
  async json(path: string): Promise<unknown> {
    return JSON.parse((await this.bytes(path)).toString()) as unknown;
  }

  /** @throws Error if there is no answer in time, or it is too long */
  async bytes(path: string, maxBytes = MAX_BYTES): Promise<Buffer> {
    return bodyOf(await this.#get(path, AbortSignal.timeout(TIMEOUT_MS)), maxBytes);
  }

  /** Lines of JSON as they come, until the engine ends or `signal` aborts. What is no JSON is left out. */
  async stream(path: string, signal: AbortSignal, onValue: (value: unknown) => void): Promise<void> {
    const response = await this.#get(path, signal);
    for await (const line of createInterface({ input: response })) {
      const value = parse(line);
      if (value !== null) onValue(value);
    }
  }

  async #get(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    // Most hosts have no engine.
    statSync(this.#socketPath);
    return httpGet('the engine', { socketPath: this.#socketPath, path, signal });
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
