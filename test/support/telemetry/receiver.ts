import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeRecord } from '../../../src/formats/otlp/decode-record.ts';
import type { OtlpAttribute, OtlpLogsRequest } from '../../../src/formats/otlp/otlp-json.ts';
import { readLogRecord } from '../../../src/formats/otlp/received-log.ts';
import type { TelemetryRecord } from '../../../src/model/telemetry.ts';
import { parseRedactedReport } from '../../../src/privacy/parse-redacted-report.ts';

export type Received = {
  path: string;
  headers: http.IncomingHttpHeaders;
  /** As it came, decompressed. */
  text: string;
  resource: Record<string, unknown>;
  records: TelemetryRecord[];
};

/** What to do with a request; `next` stores nothing and answers nothing by itself. */
export type Behavior = (request: Received, response: http.ServerResponse) => void | Promise<void>;

/** Takes what it is sent. */
export const take: Behavior = (_, response) => {
  response.setHeader('content-type', 'application/json');
  response.end('{}');
};

/** Answers with a status and nothing else. */
export function answer(status: number, headers: http.OutgoingHttpHeaders = {}): Behavior {
  return (_, response) => {
    response.writeHead(status, headers).end();
  };
}

/** An OTLP receiver on loopback that behaves as the test says; gone when disposed of. */
export class Receiver implements AsyncDisposable {
  /** Every request that was read, answered or not. */
  readonly requests: Received[] = [];
  /** All records of requests that were answered with success, redelivered ones again. */
  readonly taken: TelemetryRecord[] = [];
  behave: Behavior = take;
  readonly #server: http.Server;
  readonly #sockets = new Set<Socket>();
  #changed = Promise.withResolvers<void>();

  private constructor() {
    this.#server = http.createServer((request, response) => void this.#handle(request, response));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(behave: Behavior = take): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.behave = behave;
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Waits until what was received is as the test wants it. */
  async until<Found>(look: (receiver: this) => Found | undefined | false | null): Promise<Found> {
    for (;;) {
      const found = look(this);
      if (found) return found;
      await this.#changed.promise;
    }
  }

  /** Waits for a record that was taken. */
  record<Type extends TelemetryRecord['type']>(
    type: Type,
    which: (record: Extract<TelemetryRecord, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<TelemetryRecord, { type: Type }>> {
    type Wanted = Extract<TelemetryRecord, { type: Type }>;
    const isWanted = (record: TelemetryRecord): record is Wanted =>
      record.type === type && which(record as Wanted);
    return this.until(({ taken }) => taken.find(isWanted));
  }

  async #handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const bytes = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
    const received = readRequest(request, body.toString('utf8'));
    this.requests.push(received);
    await this.behave(received, response);
    if (response.writableEnded && response.statusCode === 200) this.taken.push(...received.records);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await once(this.#server, 'close');
  }
}

function readRequest({ url = '', headers }: http.IncomingMessage, text: string): Received {
  const json: OtlpLogsRequest = JSON.parse(text);
  const resource = json.resourceLogs[0]?.resource.attributes ?? [];
  return {
    path: url,
    headers,
    text,
    resource: Object.fromEntries(resource.map(({ key, value }) => [key, plain(value)])),
    records: json.resourceLogs
      .flatMap(({ scopeLogs }) => scopeLogs)
      .flatMap(({ logRecords }) => logRecords)
      .map((record) => decodeRecord(readLogRecord(record), parseRedactedReport)),
  };
}

function plain(value: OtlpAttribute['value']): unknown {
  return Object.values(value)[0];
}
