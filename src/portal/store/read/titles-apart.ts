import { runtimeWords } from '../../../explain/runtime-words.ts';
import type { RedactedReport } from '../../../model/redacted-report.ts';
import { signatureOf } from '../../../signature/signature.ts';

/** A group whose title is not unique, with its newest report. */
export type SameTitle = { id: string; report: RedactedReport | null };

/** Longer additions are cut. */
const MAX_TEXT = 80;

/**
 * What to add to the equal titles of groups, by id, so that no two stay equal: the first part of the signature (a
 * caller, a code) that only this group has; else its line, its runtime's version, or at last its id.
 */
export function titlesApart(groups: readonly SameTitle[]): Map<string, string> {
  const parts = new Map(groups.map(({ id, report }) => [id, usedParts(report)]));
  const partCounts = countOf([...parts.values()].flat());
  const added = new Map<string, string>();
  const taken = new Set<string>();
  const ways: ((group: SameTitle) => string | null)[] = [
    ({ id }) => parts.get(id)?.find((text) => partCounts.get(text) === 1) ?? null,
    ({ report }) => lineOf(report),
    ({ report }) => (report?.runtime == null ? null : runtimeWords(report.runtime)),
    ({ report }) => (report === null ? 'no call stack' : null),
  ];
  for (const way of ways) {
    const words = groups.map((group) => ({ id: group.id, text: way(group) }));
    const counts = countOf(words.flatMap(({ text }) => text ?? []));
    for (const { id, text } of words) {
      if (text === null || added.has(id) || counts.get(text) !== 1 || taken.has(text)) continue;
      taken.add(text);
      added.set(id, text.slice(0, MAX_TEXT));
    }
  }
  for (const { id } of groups) if (!added.has(id)) added.set(id, `group ${id.slice(0, 6)}`);
  return added;
}

function countOf(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

function usedParts(report: RedactedReport | null): string[] {
  if (report === null) return [];
  const { signal } = report;
  const status = signal === null ? ({ type: 'unknown' } as const) : ({ type: 'signal', signal } as const);
  return signatureOf({ ...report, status })
    .parts.filter(({ used }) => used)
    .map(({ text }) => text)
    .filter((text, at, all) => all.indexOf(text) === at);
}

function lineOf(report: RedactedReport | null): string | null {
  const frames = report?.frames ?? [];
  const frame = frames.find(({ inApp, line }) => inApp && line !== null) ?? frames[0];
  return frame?.line == null ? null : `line ${frame.line}`;
}
