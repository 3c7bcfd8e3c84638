import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { urlToHttpOptions } from 'node:url';
import { bodyOf, httpGet } from '../http-get.ts';
import type { KubernetesPlace } from './kubernetes-place.ts';

const TIMEOUT_MS = 30_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** The API server of a cluster. Only GET. */
export class KubernetesApi {
  readonly #place: KubernetesPlace;

  constructor(place: KubernetesPlace) {
    this.#place = place;
  }

  /** @throws Error if there is no such answer in time */
  async json(path: string): Promise<unknown> {
    return JSON.parse((await this.bytes(path, MAX_BYTES)).toString()) as unknown;
  }

  /** @throws Error if there is no answer in time, or it is too long */
  async bytes(path: string, maxBytes: number): Promise<Buffer> {
    return bodyOf(await this.#get(path, AbortSignal.timeout(TIMEOUT_MS)), maxBytes);
  }

  /** JSON values of a watch as they come, a line each, until the server ends it or `signal` aborts. */
  async stream(path: string, signal: AbortSignal, onValue: (value: unknown) => void): Promise<void> {
    const response = await this.#get(path, signal);
    for await (const line of createInterface({ input: response })) onValue(JSON.parse(line));
  }

  async #get(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const { url, tokenPath, caPath } = this.#place;
    return httpGet('the API server', {
      ...urlToHttpOptions(new URL(`${url}${path}`)),
      signal,
      // A token is replaced within an hour.
      headers:
        tokenPath === null ? {} : { authorization: `Bearer ${readFileSync(tokenPath, 'utf8').trim()}` },
      ...(caPath === null ? {} : { ca: readFileSync(caPath) }),
    });
  }
}
