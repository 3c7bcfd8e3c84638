import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { startTestPortal, type TestPortal } from '../../support/portal/start-portal.ts';

const FATAL = 21;
const ERROR = 17;
const EXPORTERS = { JSON: JsonExporter, protobuf: ProtobufExporter };

/** As the official SDK for JavaScript sends, with the resource that its detectors would make. */
function otelLogger({ url, token }: TestPortal, Exporter: typeof JsonExporter | typeof ProtobufExporter) {
  const exporter = new Exporter({
    url: `${url}/v1/logs`,
    headers: { authorization: `Bearer ${token}` },
    // A busy machine is no failure.
    timeoutMillis: 60_000,
    // A const enum that is not exported by this package.
    compression: 'gzip' as never,
  });
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({
      'service.name': 'shop',
      'service.version': '2.1.0',
      'service.instance.id': 'pod-7',
      'process.runtime.name': 'nodejs',
      'process.runtime.version': process.versions.node,
      'telemetry.sdk.language': 'nodejs',
    }),
    processors: [new BatchLogRecordProcessor({ exporter })],
  });
  return {
    logger: provider.getLogger('crashes'),
    flush: () => provider.forceFlush(),
    [Symbol.asyncDispose]: () => provider.shutdown(),
  };
}

function failInCart(): Error {
  function total(): never {
    const price = undefined as unknown as { amount: number };
    throw new TypeError(`no price for alice@example.org\n    at fake (/home/alice/fake.js:1:1) ${price}`);
  }
  try {
    return total();
  } catch (error) {
    return error as Error;
  }
}

for (const [name, Exporter] of Object.entries(EXPORTERS)) {
  test(`a crash that OpenTelemetry's own exporter sends as ${name} is counted, with its stack and without its message`, async () => {
    await using portal = await startTestPortal();
    await using sender = otelLogger(portal, Exporter);
    const error = failInCart();
    const thrownAt = Date.now();
    sender.logger.emit({
      severityNumber: FATAL,
      severityText: 'FATAL',
      timestamp: thrownAt,
      body: error.message,
      attributes: {
        'exception.type': error.name,
        'exception.message': error.message,
        'exception.stacktrace': error.stack ?? '',
      },
    });
    sender.logger.emit({ severityNumber: ERROR, body: 'handled', attributes: { 'exception.type': 'Error' } });
    await sender.flush();

    const { items } = await portal.store.crashes('shop', { range: { fromMs: 0, toMs: Date.now() + 1 } }, 10);
    assert.equal(items.length, 1);
    const detail = await portal.store.crash('shop', items[0]?.uid ?? '');
    assert.equal(detail?.instance, 'pod-7');
    assert.equal(detail.version, '2.1.0');
    assert.equal(detail.atMs, thrownAt);
    assert.equal(detail.exceptionType, 'TypeError');
    assert.equal(detail.kind, 'exception');
    assert.deepEqual(detail.report?.runtime, { name: 'node', version: process.versions.node });
    const frames = detail.report?.frames ?? [];
    assert.deepEqual(
      frames.slice(0, 2).map((frame) => frame.function),
      ['total', 'failInCart'],
    );
    assert.equal(frames[0]?.file, '…/foreign-sender.test.ts');
    assert.equal(frames[0]?.trust, 'sender-text');
    assert.equal(frames.at(-1)?.module, 'node');
    assert.match(detail.title, /TypeError.*total/);
    assert.doesNotMatch(JSON.stringify(detail), /alice|fake/);
  });
}
