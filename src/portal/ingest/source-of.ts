import { oneLine } from '../../formats/otlp/attribute-reader.ts';
import { badField, type ReceivedValue, readLogRecord } from '../../formats/otlp/received-log.ts';
import type { TelemetrySource } from '../../model/telemetry.ts';
import type { PublicWorkload } from '../../model/workload.ts';
import { publishWorkload } from '../../privacy/publish-workload.ts';

/** Longest name of an app, instance or version. */
const MAX_NAME = 200;

export type ReceivedSource = {
  /** null if it is not a valid name of an app. */
  app: string | null;
  version: string | null;
  /** null if it is missing. */
  instance: string | null;
  workload: PublicWorkload;
  attributes: ReadonlyMap<string, ReceivedValue>;
};

/** The sender that a resource describes. @throws CrashmonError BAD_REQUEST */
export function sourceOf(attributes: unknown): ReceivedSource {
  const read = readLogRecord({ attributes }).attributes;
  return {
    app: nameOf(read, 'service.name'),
    version: nameOf(read, 'service.version'),
    instance: nameOf(read, 'service.instance.id') ?? nameOf(read, 'host.name'),
    workload: publishWorkload(read),
    attributes: read,
  };
}

/** For agents, which always send it. @throws CrashmonError BAD_REQUEST */
export function namedSource({ app, version, instance, workload }: ReceivedSource): TelemetrySource {
  if (app === null) throw badField('service.name', 'is missing');
  if (instance === null) throw badField('service.instance.id', 'is missing');
  return { app, version, instance, workload };
}

/** @throws CrashmonError BAD_REQUEST */
function nameOf(attributes: ReadonlyMap<string, ReceivedValue>, key: string): string | null {
  const value = attributes.get(key);
  if (value === undefined || value === '') return null;
  const name = oneLine(key, value, MAX_NAME);
  // Browsers treat them as directories in any encoding: such an app or instance would have no page.
  if (name === '.' || name === '..') throw badField(key, 'can be neither . nor ..');
  return name;
}
