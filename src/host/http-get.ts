import type { IncomingMessage } from 'node:http';
import type { RequestOptions } from 'node:https';

/** An answer that is no success. */
export class HttpRefusal extends Error {
  readonly status: number;

  constructor(who: string, status: number) {
    super(`${who} answered ${status}`);
    this.status = status;
  }
}

/**
 * Asks an API of this host or cluster.
 * @param who for messages
 * @throws HttpRefusal if the status is not 200; Error if there is no answer
 */
export async function httpGet(who: string, options: RequestOptions): Promise<IncomingMessage> {
  // An import also loads what Node exports with it: 11 MB.
  const http = process.getBuiltinModule('node:http');
  const { get } = options.protocol === 'https:' ? process.getBuiltinModule('node:https') : http;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(options, resolve).on('error', reject);
  });
  if (response.statusCode === 200) return response;
  response.destroy();
  throw new HttpRefusal(who, response.statusCode ?? 0);
}

/** @throws Error if it is longer, or ends early */
export async function bodyOf(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
