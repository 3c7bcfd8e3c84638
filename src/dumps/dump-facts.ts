import { DUMP_KINDS, type DumpFacts, dumpFactsOf, type RemoteStore } from '../model/dump.ts';
import type { ExitStatus } from '../model/exit.ts';
import type { Instant } from '../model/instant.ts';
import { WHOLE_MEMORY_OBSTACLES } from '../model/whole-memory.ts';

/** Reads the file beside a dump; null if it is damaged. */
export function parseDumpFacts(text: string): DumpFacts | null {
  let value: Record<string, unknown>;
  try {
    value = { ...(JSON.parse(text) as object) };
  } catch {
    return null;
  }
  const string = (name: string) => (typeof value[name] === 'string' ? value[name] : null);
  const number = (name: string) => (Number.isFinite(value[name]) ? Number(value[name]) : null);
  const crash = string('crash');
  const expiresAtMs = number('expiresAtMs');
  const keptAtMs = number('keptAtMs') ?? 0;
  if (value.v !== 1 || crash === null || expiresAtMs === null) return null;
  return dumpFactsOf({
    v: 1,
    ...{ crash, expiresAtMs, ofRun: string('ofRun') },
    kind: DUMP_KINDS.find((kind) => kind === value.kind) ?? 'core',
    app: string('app') ?? '',
    instance: string('instance') ?? '',
    session: string('session') ?? '',
    status: statusOf(value.status),
    exceptionType: string('exceptionType'),
    executable: string('executable') ?? '',
    modules: Array.isArray(value.modules) ? value.modules.flatMap(moduleOf) : [],
    encryption: value.encryption === 'age' ? 'age' : 'none',
    whole: ['whole' as const, ...WHOLE_MEMORY_OBSTACLES].find((each) => each === value.whole) ?? null,
    remote: remoteOf(value.remote),
    portal: value.portal === true,
    sizeBytes: number('sizeBytes') ?? 0,
    coreBytes: number('coreBytes') ?? 0,
    diedAtMs: number('diedAtMs') ?? 0,
    keptAtMs,
    setAt: instantOf(value.setAt) ?? { wallMs: keptAtMs, monotonicMs: 0, bootId: '' },
  });
}

function statusOf(value: unknown): ExitStatus {
  const { type, code, signal } = { ...(value as object) } as Record<string, unknown>;
  if (type === 'code' && Number.isInteger(code)) return { type, code: Number(code) };
  return type === 'signal' && typeof signal === 'string' ? { type, signal } : { type: 'unknown' };
}

function instantOf(value: unknown): Instant | null {
  const { wallMs, monotonicMs, bootId } = { ...(value as object) } as Record<string, unknown>;
  return Number.isFinite(wallMs) && Number.isFinite(monotonicMs) && typeof bootId === 'string'
    ? { wallMs: Number(wallMs), monotonicMs: Number(monotonicMs), bootId }
    : null;
}

function remoteOf(value: unknown): RemoteStore | null {
  const { endpoint, bucket, prefix, credentials } = { ...(value as object) } as Record<string, unknown>;
  return typeof endpoint === 'string' &&
    typeof bucket === 'string' &&
    typeof prefix === 'string' &&
    typeof credentials === 'string'
    ? { endpoint, bucket, prefix, credentials }
    : null;
}

function moduleOf(value: unknown): DumpFacts['modules'] {
  const { path, buildId } = { ...(value as object) } as Record<string, unknown>;
  return typeof path === 'string' && typeof buildId === 'string' ? [{ path, buildId }] : [];
}
