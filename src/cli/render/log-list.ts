import type { CliContext } from '../context.ts';
import type { Hint } from '../hint.ts';
import type { KeptLog } from '../journals/kept-log.ts';
import { labelOf } from '../journals/open-journals.ts';
import { colorsFor } from './colors.ts';
import { shortId } from './crash-table.ts';
import { alignColumns } from './layout.ts';
import { line } from './safe-text.ts';
import { localTime } from './times.ts';

/** Private logs, newest first, each with its path. */
export function logList(logs: readonly KeptLog[], hint: Hint, context: CliContext): string {
  if (logs.length === 0) return 'No private logs: nothing has crashed yet.\n';
  const colors = colorsFor(context.env, context.isTTY);
  const nowMs = context.now().wallMs;
  const journals = logs.map(({ journal }) => journal);
  const rows = logs.map((log) => [
    shortId(log.id),
    localTime(log.diedAtMs, context, nowMs),
    labelOf(log.journal, journals),
    log.captured ? 'message and stack' : 'standard error',
    log.sizeBytes < 1024 ? `${log.sizeBytes} B` : `${Math.ceil(log.sizeBytes / 1024)} KB`,
  ]);
  const [header = '', ...lines] = alignColumns([['ID', 'TIME', 'APP', 'CONTENT', 'SIZE'], ...rows]);
  const blocks = lines.map(
    (text, index) => `${text}\n${colors.dim(`          ${line(logs[index]?.path ?? '')}`)}`,
  );
  return `${[colors.bold(header), ...blocks].join('\n')}\n\nTo print one: ${hint('logs', '<id>')}\n`;
}
