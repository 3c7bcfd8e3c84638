import type http from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Answer, judgeAnswer } from './answer.ts';

export type Receiver = {
  /** URL of `/v1/logs`. */
  endpoint: URL;
  /** Read for each request, so that a token can be replaced. */
  headers(): Readonly<Record<string, string>>;
};

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;
/** For less, compressing costs more than it saves. */
const MIN_GZIP_BYTES = 1024;

const compress = promisify(gzip);

/** Posts OTLP requests to one receiver, one at a time, over one persistent connection. */
export class LogsPoster implements Disposable {
  readonly #receiver: Receiver;
  readonly #client: Client;
  readonly #agent: http.Agent;

  private constructor(receiver: Receiver, client: Client) {
    this.#receiver = receiver;
    this.#client = client;
    this.#agent = new client.Agent({
      keepAlive: true,
      maxSockets: 1,
      maxFreeSockets: 1,
      timeout: TIMEOUT_MS,
    });
  }

  /** Loads only what the URL needs: TLS takes some megabytes of memory. */
  static to(receiver: Receiver): LogsPoster {
    const isSecure = receiver.endpoint.protocol === 'https:';
    // An import also loads what Node exports with it: 11 MB.
    const client = process.getBuiltinModule(isSecure ? 'node:https' : 'node:http');
    return new LogsPoster(receiver, client);
  }

  /** Never throws. @param onLeaving once there is a connection, before the first byte is sent */
  async post(json: string, signal: AbortSignal, onLeaving: () => void = () => {}): Promise<Answer> {
    const { endpoint } = this.#receiver;
    try {
      const body = Buffer.byteLength(json) < MIN_GZIP_BYTES ? Buffer.from(json) : await compress(json);
      const headers = {
        ...this.#receiver.headers(),
        'content-type': 'application/json',
        'content-length': body.length,
        ...(Buffer.byteLength(json) < MIN_GZIP_BYTES ? {} : { 'content-encoding': 'gzip' }),
      };
      return await request({
        client: this.#client,
        agent: this.#agent,
        endpoint,
        headers,
        body,
        signal,
        onLeaving,
      });
    } catch (error) {
      return { outcome: 'later', retryAfterMs: null, message: failureText(error) };
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

type Client = typeof import('node:http') | typeof import('node:https');

type Posted = {
  client: Client;
  endpoint: URL;
  headers: http.OutgoingHttpHeaders;
  body: Buffer;
  agent: http.Agent;
  signal: AbortSignal;
  onLeaving: () => void;
};

function request(posted: Posted, again = false): Promise<Answer> {
  const { client, endpoint, headers, body, agent, signal, onLeaving } = posted;
  return new Promise((resolve, reject) => {
    // For everything, from the connection to the last byte.
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const post = client.request(endpoint, {
      method: 'POST',
      headers,
      agent,
      signal: deadline,
    });
    post.once('response', (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      readBounded(response).then((text) => {
        resolve(judgeAnswer({ status, headers: answered, body: text }, Date.now()));
      }, reject);
    });
    let failed = false;
    // Not `once`: a second error without a listener would end the agent.
    post.on('error', (error: NodeJS.ErrnoException) => {
      if (failed) return;
      failed = true;
      // The persistent connection was closed at the moment of its use.
      if (post.reusedSocket && error.code === 'ECONNRESET' && !again && !deadline.aborted) {
        request(posted, true).then(resolve, reject);
      } else {
        reject(error);
      }
    });
    post.once('socket', (socket) => {
      const send = () => {
        onLeaving();
        post.end(body);
      };
      if (!socket.connecting) send();
      else socket.once(endpoint.protocol === 'https:' ? 'secureConnect' : 'connect', send);
    });
  });
}

/** null if it is too long; the connection is then closed. */
async function readBounded(response: http.IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) {
      response.destroy();
      return null;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused: check the address, and whether it runs',
  ENOTFOUND: 'unknown host name: check the address',
  EAI_AGAIN: 'DNS lookup failed temporarily: check the network',
  ECONNRESET: 'it closed the connection',
  EPIPE: 'it closed the connection',
  ETIMEDOUT: 'no response: check the address and the network',
  EHOSTUNREACH: 'unreachable: check the address and the network',
  ENETUNREACH: 'unreachable: check the address and the network',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted: see NODE_EXTRA_CA_CERTS',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted: see NODE_EXTRA_CA_CERTS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted: see NODE_EXTRA_CA_CERTS',
  CERT_HAS_EXPIRED: 'its certificate has expired: renew it',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for a different host name: check the address',
};

function failureText(error: unknown): string {
  const { name, code = '' } = error as NodeJS.ErrnoException;
  if (name === 'AbortError' || name === 'TimeoutError') return 'The receiver did not respond in time.';
  // Only a system's error code; text from the receiver is never repeated.
  const known = /^[A-Z][A-Z_0-9]{1,60}$/.test(code) ? code : 'unknown error';
  return `Cannot reach the receiver (${known}): ${ADVICE[known] ?? 'check the address and the network'}.`;
}
