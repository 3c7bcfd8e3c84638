import type { LastWords, VouchedCall, Vouchers } from '../../../model/last-words.ts';
import { call } from '../../printed-stack/printed-call.ts';

const MAX_LINES = 60;
const HEADING =
  /^(?:Execution|Syntax|Unexpected) error (?:\(([A-Za-z_$][\w$]{0,200})\) )?(?:[a-z][\w ./*+!?<>=-]{0,200} )?at (?:([^\s()]{1,200}) )?\(([\w./-]{1,300}):(\d{1,7})(?::\d{1,7})?\)\.$/;

/**
 * What `clojure.main` prints before it exits: `Execution error (T) at ns/fn (file:line).`, the message, and where the
 * whole report is, which is not read.
 */
export function readClojure(lines: readonly string[], vouchers: Vouchers): LastWords | null {
  const end = lines.lastIndexOf('Full report at:');
  if (end < 0 || end < lines.length - MAX_LINES) return null;
  // The message can imitate a heading, so it is the uppermost one.
  let from = -1;
  for (let at = end - 1; at >= 0 && end - at < MAX_LINES && lines[at] !== 'Full report at:'; at--)
    if (HEADING.test(lines[at] ?? '')) from = at;
  const [, type = null, name, file = null, line] = HEADING.exec(lines[from] ?? '') ?? [];
  if (file === null) return null;
  const place = vouch({ ...call(name ?? null, file, line), vouched: null }, vouchers);
  const to = Math.min(end + 2, lines.length);
  return {
    form: 'clojure',
    error: { type, calls: [place], members: [], refuted: 0, cut: 0 },
    ...{ causes: [], thread: 'main', handled: false, pid: null, signal: null, version: null },
    ...{ from, to, linesAfter: lines.length - to },
  };
}

/** Printed by the runtime itself, so that a file that does not fit is another one of that name. */
function vouch(place: VouchedCall, { readSource }: Vouchers): VouchedCall {
  const lines = readSource(place.file ?? '')?.split('\n') ?? [];
  const name = place.function?.split('/').at(-1) ?? '';
  const isIn =
    name !== '' && lines.some((line) => line.includes(`(defn ${name}`) || line.includes(`(defn- ${name}`));
  return isIn && (place.line ?? 0) <= lines.length ? { ...place, vouched: true } : place;
}
