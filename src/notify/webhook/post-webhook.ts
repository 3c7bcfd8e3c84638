import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { parseRetryAfter } from '../../formats/retry-after.ts';
import type { Attempt } from '../retry.ts';
import { untilAborted } from '../until-aborted.ts';
import { type Address, type Lookup, resolveTarget, systemLookup } from './resolve-target.ts';
import { signature } from './sign.ts';
import type { WebhookTarget } from './webhook-target.ts';

export type PostOptions = {
  nowMs: number;
  signal?: AbortSignal;
  /** For the whole attempt, from name lookup to the last byte. */
  timeoutMs?: number;
  /** Additional trusted certificates, PEM. */
  ca?: string;
  lookup?: Lookup;
  /** Gets what is about to be sent. */
  onLeaving?: (content: string) => void;
};

const TIMEOUT_MS = 15_000;
/** The response body is read and discarded, so that the connection closes cleanly. */
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * Posts one message. Never throws for receiver or network errors. Resolves the name once, checks its addresses, and
 * connects only to those, which prevents DNS rebinding. Follows no redirect and uses no proxy.
 *
 * @param deliveryId the same on every attempt, so that the receiver can detect duplicates
 */
export async function postWebhook(
  target: WebhookTarget,
  { body, deliveryId }: { body: string; deliveryId: string },
  options: PostOptions,
): Promise<Attempt> {
  const { nowMs, signal, timeoutMs = TIMEOUT_MS, lookup = systemLookup } = options;
  const deadline = AbortSignal.any([
    AbortSignal.timeout(timeoutMs),
    ...(signal === undefined ? [] : [signal]),
  ]);
  try {
    const url = target.url();
    const addresses = await untilAborted(resolveTarget(url, target.allowPrivate, lookup), deadline);
    if (addresses === null) return { outcome: 'failed', why: REFUSED };
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'crashmon',
      'x-crashmon-delivery': deliveryId,
      ...(target.secret === null ? {} : { 'x-crashmon-signature': signature(target.secret(), body, nowMs) }),
    };
    const { ca, onLeaving = () => {} } = options;
    const answer = await post(url, { headers, body, addresses, ca, signal: deadline, onLeaving });
    return judge(answer, nowMs);
  } catch (error) {
    return { outcome: 'retry', why: troubleOf(error), retryAfterMs: null };
  }
}

const REFUSED = 'The URL leads to a private or special address, which is not allowed by default.';

type Answer = { status: number; retryAfter: string | undefined };

type Posted = {
  headers: http.OutgoingHttpHeaders;
  body: string;
  addresses: readonly Address[];
  ca: string | undefined;
  signal: AbortSignal;
  onLeaving: (content: string) => void;
};

function post(url: URL, { headers, body, addresses, ca, signal, onLeaving }: Posted): Promise<Answer> {
  const client = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const request = client.request(url, {
      method: 'POST',
      headers,
      signal,
      agent: false,
      lookup: pinned(addresses),
      maxHeaderSize: MAX_HEADER_BYTES,
      ...(ca === undefined ? {} : { ca }),
    });
    let answer: Answer | null = null;
    request.once('response', (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      const known: Answer = { status, retryAfter: answered['retry-after'] };
      answer = known;
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) request.destroy();
      });
      response.on('error', () => {});
      response.once('close', () => resolve(known));
    });
    // With a status the result is known: the rest of the response does not matter.
    request.on('error', (error) => (answer === null ? reject(error) : resolve(answer)));
    request.once('socket', (socket) => {
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        onLeaving(body);
        request.end(body);
      });
    });
  });
}

/** Always resolves to the checked addresses. */
function pinned(addresses: readonly Address[]): LookupFunction {
  return (_hostname, options, callback) => {
    const wanted = addresses.filter(({ family }) => !options.family || options.family === family);
    const [first] = wanted;
    if (first === undefined)
      callback(Object.assign(new Error('no such address'), { code: 'ENOTFOUND' }), '', 0);
    else if (options.all) callback(null, [...wanted]);
    else callback(null, first.address, first.family);
  };
}

function judge({ status, retryAfter }: Answer, nowMs: number): Attempt {
  if (status >= 200 && status < 300) return { outcome: 'delivered' };
  const why = `The receiver responded with ${status}: ${WORDS[status] ?? 'it rejected the message'}.`;
  if (status >= 500 || status === 429 || status === 408) {
    const trouble = `The receiver responded with ${status}: ${WORDS[status] ?? 'it failed'}.`;
    return { outcome: 'retry', why: trouble, retryAfterMs: parseRetryAfter(retryAfter, nowMs) };
  }
  if (status >= 300 && status < 400) {
    return {
      outcome: 'failed',
      why: `The receiver responded with ${status}: Crashmon does not follow redirects.`,
    };
  }
  return { outcome: 'failed', why };
}

const WORDS: Readonly<Record<number, string>> = {
  401: 'not authorized',
  403: 'forbidden',
  404: 'no webhook at this URL',
  408: 'request timeout',
  410: 'the webhook was deleted',
  413: 'the message is too large',
  429: 'rate limited',
};

const TROUBLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The receiver refused the connection.',
  ENOTFOUND: 'Cannot resolve the host name of the receiver.',
  EAI_AGAIN: 'DNS lookup of the receiver failed temporarily.',
  ECONNRESET: 'The receiver closed the connection.',
  EPIPE: 'The receiver closed the connection.',
  CERT_HAS_EXPIRED: "The receiver's certificate has expired.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The receiver's certificate is for a different host name.",
};

/** Own words, since an error's message can contain the URL, which is a secret. */
function troubleOf(error: unknown): string {
  const { name, cause, code = '' } = (error ?? {}) as NodeJS.ErrnoException;
  if (name === 'TimeoutError' || (cause as Error | undefined)?.name === 'TimeoutError')
    return 'The receiver did not answer in time.';
  if (name === 'AbortError') return 'Sending was interrupted.';
  if (/CERT|SIGNATURE/.test(code) && TROUBLE[code] === undefined)
    return "The receiver's certificate is not trusted.";
  return TROUBLE[code] ?? 'Cannot reach the receiver.';
}
