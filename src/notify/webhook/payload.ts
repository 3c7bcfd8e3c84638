import type { KnownCause } from '../../explain/known-causes/known-cause.ts';
import { knownCauses } from '../../explain/known-causes/known-causes.ts';
import type { Frame } from '../../model/frame.ts';
import { nodeVersionOf } from '../../model/history/report-of-schema-1.ts';
import type { RedactedException, RedactedReport } from '../../model/redacted-report.ts';
import { causeOf, crashFacts } from '../message/crash-cause.ts';
import { linkable, oneLine } from '../message/one-line.ts';
import { subjectOf } from '../message/subject.ts';
import type { CrashNotification, DigestItem, Notification, NotifiedCrash } from '../notification.ts';

/** Raised when a field is removed or changes its meaning, not for new fields. */
export const PAYLOAD_VERSION = 1;

const MAX_FRAMES = 50;
const MAX_CAUSES = 5;
const MAX_ITEMS = 100;
const MAX_NAMES = 10;
const MAX_KNOWN_CAUSES = 5;

/** The body of Crashmon's own webhooks; see docs/webhooks.md. Lists every field, so that no other data leaves. */
export function payload(notification: Notification): object {
  return {
    schemaVersion: PAYLOAD_VERSION,
    kind: notification.kind,
    id: idOf(notification),
    at: iso(notification.atMs),
    app: oneLine(notification.app),
    subject: subjectOf(notification),
    url: linkable(notification.pageUrl),
    settingsUrl: linkable(notification.settingsUrl),
    crash: isCrash(notification) ? { ...crashOf(notification), ...detailsOf(notification) } : null,
    episode: isCrash(notification) ? episodeOf(notification) : null,
    digest: notification.kind === 'digest' ? digestOf(notification) : null,
  };
}

function isCrash(notification: Notification): notification is CrashNotification {
  return notification.kind !== 'digest' && notification.kind !== 'test';
}

/** Stable across attempts of the same notification. */
function idOf(notification: Notification): string {
  return isCrash(notification)
    ? `${oneLine(notification.episodeId, 100)}.${notification.kind}`
    : `${notification.kind}.${notification.atMs}`;
}

function crashOf(crash: NotifiedCrash & { title: string }): object {
  const { title, crashKind, exceptionType, code, signal, exitStatus } = crash;
  return {
    title: oneLine(title),
    kind: crashKind,
    cause: causeOf(crash),
    exceptionType: text(exceptionType),
    code: text(code),
    signal: text(signal),
    exitCode: exitStatus?.type === 'code' ? exitStatus.code : null,
  };
}

function detailsOf(notification: CrashNotification): object {
  const { version, backAfterMs, report } = notification;
  return {
    version: text(version),
    backAfterMs,
    knownCauses: knownCauses(crashFacts(notification)).slice(0, MAX_KNOWN_CAUSES).map(publicCause),
    report: report === null ? null : reportOf(report),
  };
}

function publicCause({ id, title, meaning, steps, link }: KnownCause): object {
  return { id, title, meaning, steps: steps.slice(0, 10), link };
}

function reportOf({ id, instance, diedAt, ...report }: RedactedReport): object {
  const { runtime, source, proof, fault, frames, causes } = report;
  return {
    id: oneLine(id, 40),
    instance: oneLine(instance),
    diedAt: oneLine(diedAt, 40),
    runtime: runtime === null ? null : { name: runtime.name, version: text(runtime.version) },
    // Receivers of payloads without `runtime` read it.
    nodeVersion: text(nodeVersionOf(runtime)),
    source,
    proof: proof ?? null,
    fault:
      fault === null
        ? null
        : {
            summary: fault.summary,
            addressClass: fault.addressClass,
            systemCall: fault.systemCall,
            abortKind: fault.abortKind,
          },
    frames: framesOf(frames),
    causes: causes.slice(0, MAX_CAUSES).map(exceptionOf),
  };
}

function exceptionOf({ exceptionType, code, frames }: RedactedException): object {
  return { exceptionType: text(exceptionType), code: text(code), frames: framesOf(frames) };
}

function framesOf(frames: readonly Frame[]): object[] {
  return frames
    .slice(0, MAX_FRAMES)
    .map(({ function: name, file, line, column, module, inApp, repeat, trust, native }) => ({
      function: text(name),
      file: text(file),
      line,
      column,
      module: text(module),
      inApp,
      repeat,
      trust,
      image: text(native?.image ?? null),
      offset: text(native?.offset ?? null),
    }));
}

function episodeOf(notification: CrashNotification): object {
  const { episodeId, crashes, instances, openedAtMs, lastCrashAtMs, closedAtMs, returned, spread } =
    notification;
  return {
    id: oneLine(episodeId, 100),
    crashes,
    instances: {
      count: instances.count,
      names: instances.names.slice(0, MAX_NAMES).map((name) => oneLine(name)),
    },
    openedAt: iso(openedAtMs),
    lastCrashAt: iso(lastCrashAtMs),
    closedAt: iso(closedAtMs),
    returned: returned === null ? null : { afterMs: returned.afterMs, version: text(returned.version) },
    spread:
      spread === null
        ? null
        : {
            instancesBefore: spread.instancesBefore,
            crashesBefore: spread.crashesBefore,
            windowMs: spread.windowMs,
          },
  };
}

function digestOf({ fromMs, untilMs, items, all }: Extract<Notification, { kind: 'digest' }>): object {
  return {
    from: iso(fromMs),
    until: iso(untilMs),
    all: { causes: all.causes, crashes: all.crashes, open: all.open },
    crashes: items.slice(0, MAX_ITEMS).map(itemOf),
  };
}

function itemOf(item: DigestItem): object {
  return {
    ...crashOf(item),
    episodeId: oneLine(item.episodeId, 100),
    crashes: item.crashes,
    instances: item.instances,
    lastCrashAt: iso(item.lastCrashAtMs),
    closedAt: iso(item.closedAtMs),
    url: linkable(item.pageUrl),
  };
}

function text(value: string | null): string | null {
  return value === null ? null : oneLine(value, 300);
}

function iso(epochMs: number | null): string | null {
  if (epochMs === null || !(Math.abs(epochMs) <= 8.64e15)) return null;
  return new Date(epochMs).toISOString();
}
