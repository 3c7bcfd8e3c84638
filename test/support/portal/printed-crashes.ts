import type { ExitStatus } from '../../../src/model/exit.ts';
import type { ExitReason } from '../../../src/model/exit-reason.ts';
import type { Frame } from '../../../src/model/frame.ts';
import type { Proof } from '../../../src/model/last-words.ts';
import type { RedactedReport } from '../../../src/model/redacted-report.ts';
import type { Runtime } from '../../../src/model/runtime.ts';
import type { SentRecord } from '../../../src/model/telemetry.ts';
import { parseRedactedReport } from '../../../src/privacy/parse-redacted-report.ts';
import { signatureOf } from '../../../src/signature/signature.ts';
import { captureRecord, crashRecord, redactedReport, sent } from './records.ts';

type Printed = { runtime: Runtime; version: string | null; proof: Proof; type: string; frames: Frame[] };

const own = (name: string, file: string, line: number): Frame => ({
  ...{
    function: name,
    file,
    line,
    column: null,
    module: null,
    inApp: true,
    repeat: 1,
    trust: 'vouched-text',
  },
});
const library = (module: string, name: string, file: string): Frame => ({
  ...{ function: name, file, line: null, column: null, module, inApp: false, repeat: 1, trust: 'printed' },
});

/** What runtimes printed when they ended, one of each proof and of no stack. */
const PRINTED: readonly Printed[] = [
  {
    ...{ runtime: 'python', version: '3.11.2', proof: 'likely', type: 'shop.cart.CartError' },
    frames: [
      own('total', 'shop/cart.py', 48),
      library('flask', 'dispatch_request', 'site-packages/flask/app.py'),
      library('flask', 'full_dispatch_request', 'site-packages/flask/app.py'),
      own('<module>', 'main.py', 3),
    ],
  },
  {
    ...{ runtime: 'go', version: '1.19.8', proof: 'proven', type: 'runtime error: index out of range' },
    frames: [
      own('github.com/acme/shop/cart.(*Cart).Total', '…/cart.go', 48),
      library('net/http', 'net/http.HandlerFunc.ServeHTTP', 'src/net/http/server.go'),
    ],
  },
  {
    ...{ runtime: 'ruby', version: '3.1.2', proof: 'printed', type: 'Shop::CartError' },
    frames: [own('block in Shop::Cart#total', 'app/models/cart.rb', 48)],
  },
  { ...{ runtime: 'perl', version: null, proof: 'likely', type: 'Shop::CartError' }, frames: [] },
];

/** Crashes of the app `polyglot` with their reports: `printed-python`, `printed-go` … */
export function printedCrashes(nowMs: number): SentRecord[] {
  return PRINTED.flatMap((printed, at) =>
    crashOf(printed, `printed-${printed.runtime}`, nowMs - (PRINTED.length - at) * 60_000),
  );
}

function crashOf(
  { runtime, version, proof, type, frames }: Printed,
  uid: string,
  atMs: number,
): SentRecord[] {
  const isPrinted = proof === 'printed';
  const kind = isPrinted ? 'exit' : 'exception';
  const status: ExitStatus = { type: 'code', code: runtime === 'go' ? 2 : 1 };
  const reason: ExitReason = isPrinted
    ? { code: 'unknown' }
    : { code: proof === 'proven' ? 'reported-exception' : 'likely-exception', runtime };
  const report: RedactedReport = parseRedactedReport({
    ...{ ...redactedReport(uid), exceptionType: type, kind, frames, hold: { ms: 0 } },
    ...{ runtime: { name: runtime, version }, source: 'last-words', proof },
  });
  const { values: signatures, title } = signatureOf({ ...report, status });
  const group = { signatures, title };
  const crash = crashRecord(uid, atMs, { kind, status, reason, suspected: isPrinted, ...group });
  const source = { app: 'polyglot', instance: 'web-1', version: '2.4.1' };
  return [sent(crash, source), sent(captureRecord(uid, atMs + 300, { report, ...group }), source)];
}
