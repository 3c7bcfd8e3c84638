import type { LastWords, VouchedCall, Vouchers } from '../../../model/last-words.ts';
import { SourceVoucher } from '../source-voucher.ts';
import { ELIXIR_SOURCES, type ElixirCall, elixirCall, elixirHeading } from './elixir-lines.ts';

const MAX_LINES_AFTER = 20;
const MAX_MESSAGE_LINES = 200;
const MAX_CALLS = 2_000;

/** Of Erlang and Elixir themselves: messages do not hold calls of them alone. */
const OWN_APPS: ReadonlySet<string> = new Set([
  ...['elixir', 'stdlib', 'kernel', 'erts', 'logger', 'mix', 'ex_unit', 'eex', 'iex', 'compiler', 'crypto'],
  ...['ssl', 'inets', 'public_key', 'runtime_tools'],
]);

/** The calls at the end, read upwards, and the exception above them. */
export function elixirException(
  lines: readonly string[],
  readSource: Vouchers['readSource'],
): LastWords | null {
  const end = lines.findLastIndex((line) => elixirCall(line) !== null || elixirHeading(line) !== null);
  if (end < 0 || lines.length - end > MAX_LINES_AFTER) return null;
  const printed: ElixirCall[] = [];
  let at = end;
  for (; at >= 0 && printed.length < MAX_CALLS; at--) {
    const found = elixirCall(lines[at] ?? '');
    if (found === null || found.indent !== (printed[0]?.indent ?? found.indent)) break;
    printed.unshift(found);
  }
  const voucher = new SourceVoucher((file) => readSource(file), ELIXIR_SOURCES);
  const calls = printed.map((one) => vouchedCall(one, voucher));
  const hasSources = calls.some((one) => one === null || one.vouched === true);
  const from = headingAbove(lines, at, printed[0]?.indent, hasSources);
  if (from === null) return null;
  const known = calls.findIndex((one) => one?.vouched === true);
  const kept = calls.filter(
    (one, index) => one !== null && (one.vouched === true || index > known || isOwn(printed[index])),
  );
  const refuted = calls.filter((one) => one === null).length;
  return {
    form: 'exception',
    error: {
      type: elixirHeading(lines[from] ?? '')?.type ?? null,
      calls: kept as VouchedCall[],
      ...{ members: [], refuted, ambiguous: calls.length - kept.length - refuted, cut: 0 },
    },
    ...{ causes: [], thread: null, handled: false, pid: null, signal: null, version: null },
    ...{ from, to: end + 1, linesAfter: lines.slice(end + 1).filter((line) => line !== '').length },
  };
}

function isOwn(found: ElixirCall | undefined): boolean {
  return found !== undefined && (found.call.file === null || OWN_APPS.has(found.app ?? ''));
}

/**
 * null if its source contradicts it. Files are below the app, one of an umbrella's apps or a dependency; where none is found, below the
 * name and version of their application.
 */
function vouchedCall({ call, app, version }: ElixirCall, voucher: SourceVoucher): VouchedCall | null {
  if (call.file === null || (app !== null && OWN_APPS.has(app)))
    return { ...placed(call, app, version), vouched: null };
  const files =
    app === null ? [call.file] : [call.file, `apps/${app}/${call.file}`, `deps/${app}/${call.file}`];
  const checks = files.map((file) => voucher.check({ ...call, file }));
  const found = files[checks.indexOf(true)];
  if (found !== undefined) return { ...call, file: found, vouched: true };
  return checks[0] === false ? null : { ...placed(call, app, version), vouched: null };
}

function placed(call: ElixirCall['call'], app: string | null, version: string | null): ElixirCall['call'] {
  return call.file === null || app === null ? call : { ...call, file: `${app}-${version}/${call.file}` };
}

/**
 * The exception of these calls: its heading is indented less than they are. Where sources can be read, another one above it is the
 * real one if only text is between them.
 */
function headingAbove(
  lines: readonly string[],
  last: number,
  indent: number | undefined,
  hasSources: boolean,
): number | null {
  let found: number | null = null;
  for (let at = last; at >= 0 && at > last - MAX_MESSAGE_LINES; at--) {
    const line = lines[at] ?? '';
    const heading = elixirHeading(line);
    if (heading !== null && (indent === undefined || heading.indent < indent)) {
      if (found !== null && heading.indent !== elixirHeading(lines[found] ?? '')?.indent) break;
      found = at;
      if (!hasSources || indent === undefined) break;
    }
    // Text of a logger.
    if (/^\d\d:\d\d:\d\d\.\d{3} \[|^\d{4}-\d\d-\d\d[ T]/.test(line)) break;
  }
  return found;
}
