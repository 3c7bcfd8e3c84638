import { z } from 'zod';
import { CRASH_KINDS } from '../../model/exit.ts';
import { rangeChoice, timeRange } from '../insight/ranges.ts';
import type { CrashFilter } from '../store/read/crash-store.ts';

const optionalText = z
  .string()
  .max(300)
  .optional()
  .transform((text) => (text === undefined || text === '' ? undefined : text));

/** The filters of the history, as the address has them; what is empty does not filter. */
export const historyQuerySchema = z.object({
  range: z
    .string()
    .optional()
    .transform((name) => rangeChoice(name).name),
  kind: z
    .union([z.enum(CRASH_KINDS), z.literal('')])
    .optional()
    .transform((kind) => (kind === '' ? undefined : kind)),
  signature: optionalText,
  instance: optionalText,
  version: optionalText,
  captured: z
    .enum(['', 'yes', 'no'])
    .optional()
    .transform((word) => (word === '' ? undefined : word)),
  after: optionalText,
});
export function crashFilter(query: z.output<typeof historyQuerySchema>, nowMs: number): CrashFilter {
  const { range, kind, signature, instance, version, captured } = query;
  const hasReport = captured === undefined ? undefined : captured === 'yes';
  return { range: timeRange(rangeChoice(range), nowMs), kind, signature, instance, version, hasReport };
}
