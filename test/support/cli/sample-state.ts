import type { Journal } from '../../../src/journal/journal.ts';
import { openJournal } from '../../../src/journal/open-journal.ts';
import { writePrivateLog } from '../../../src/journal/private-log.ts';
import { acquireSlot } from '../../../src/journal/slot.ts';
import type { ExitStatus } from '../../../src/model/exit.ts';
import type { Frame } from '../../../src/model/frame.ts';
import type { RedactedReport } from '../../../src/model/redacted-report.ts';
import { signatureOf } from '../../../src/signature/signature.ts';
import { readProcessStat } from '../../../src/worker/process-info.ts';
import { at, NOON_MS, sampleExit, sampleReport, sampleRun, stateWith } from '../journal/sample-run.ts';

export const SETTINGS = {
  armAfter: 3,
  windowMs: 24 * 3_600_000,
  cooldownMs: 8 * 3_600_000,
  commandHash: 'hash',
  appRoot: '/srv/shop',
  disabled: null,
};

export const CAPTURED_ID = '3f2a91c40007';

/** Makes or goes on with the journal of one app, and closes it. */
export function withJournal(
  stateDir: string,
  app: string,
  instance: string,
  fill: (journal: Journal, directory: string) => void,
): string {
  using slot = acquireSlot(stateDir, app, instance);
  using journal = openJournal(slot.directory, { app, instance }, NOON_MS);
  journal.saveSettings(SETTINGS);
  fill(journal, slot.directory);
  return slot.directory;
}

/** As the agent stores it. */
export function saveWithGroup(journal: Journal, report: RedactedReport, status: ExitStatus): void {
  const { values: signatures, title } = signatureOf({ ...report, status });
  journal.saveReport(report.id, report, { group: { signatures, title } });
}

/** `shop` crashed three times and was captured at the fourth; `api` runs (as this process) and crashed once. */
export function sampleState(stateDir: string): { shop: string; api: string } {
  const shop = withJournal(stateDir, 'shop', 'web-1', (journal, directory) => {
    for (let number = 1; number <= 3; number++) {
      journal.recordExit(sampleExit(number, { id: `${number}c0ffee0000${number}` }), stateWith(number));
    }
    journal.recordExit(gracefulExit(), stateWith(3));
    const state = { ...stateWith(4), lastCapture: at(401_000) };
    journal.recordExit(sampleExit(6, { id: CAPTURED_ID, armed: true, crashesInWindow: 4 }), stateWith(4));
    saveWithGroup(journal, crashReport(CAPTURED_ID), { type: 'code', code: 1 });
    journal.savePolicyState(state);
    const text = 'Crash 3f2a91c40007\n\nTypeError\n  no price for \u001b[2Jcard 4111 1111\n';
    writePrivateLog(directory, { id: CAPTURED_ID, diedAtMs: at(401_000).wallMs, text, captured: true });
  });
  const api = withJournal(stateDir, 'api', 'web-2', (journal) => {
    const status = { type: 'signal', signal: 'SIGSEGV' } as const;
    const reason = { code: 'invalid-memory-access' } as const;
    const verdict = { counted: true, suspected: false, kind: 'fault', reason } as const;
    journal.recordExit(sampleExit(1, { id: 'beef00000001', status, verdict }), stateWith(1));
    journal.recordIntent(sampleRun(2, { id: 'beef00000002' }));
    const startTicks = readProcessStat(process.pid)?.startTicks ?? null;
    journal.recordStarted('beef00000002', process.pid, startTicks);
    const agent = {
      pid: process.pid,
      startTicks,
      startedAtMs: NOON_MS,
      restarts: 1,
      state: 'watching',
    } as const;
    journal.saveAgent(agent);
  });
  return { shop, api };
}

export function crashReport(id: string, more: object = {}) {
  return sampleReport(id, {
    diedAt: new Date(at(401_000).wallMs).toISOString(),
    code: 'ERR_NO_PRICE',
    hold: { ms: 3 },
    frames: [
      frame('priceOf', 'src/pricing.ts', 41, 13),
      frame('total', 'src/cart.ts', 12, 20, { repeat: 5 }),
      frame('Layer.handle [as handle_request]', 'node_modules/express/lib/router/layer.js', 95, 5, {
        module: 'express',
        inApp: false,
      }),
      frame(null, 'src/server.ts', 88, 3, { trust: 'vouched-text' }),
      frame('emit', 'node:events', 519, 28, { module: 'node', inApp: false }),
      frame('parserOnIncoming', 'node:_http_server', 1157, 12, { module: 'node', inApp: false }),
      frame('processTicksAndRejections', 'node:internal/process/task_queues', 105, 5, {
        module: 'node',
        inApp: false,
      }),
    ],
    causes: [
      {
        exceptionType: 'Error',
        code: 'ECONNREFUSED',
        frames: [frame('loadPrices', 'src/price-service.ts', 9, 11)],
        members: [],
      },
    ],
    problems: [{ code: 'source-map-damaged', count: 1 }],
    ...more,
  });
}

export function frame(
  name: string | null,
  file: string,
  line: number | null,
  column: number | null,
  more: Partial<Frame> = {},
): Frame {
  const base: Frame = {
    function: name,
    file,
    line,
    column,
    module: null,
    inApp: true,
    repeat: 1,
    trust: 'call-site',
  };
  return { ...base, ...more };
}

function gracefulExit() {
  return sampleExit(4, {
    id: '3f2a91c50004',
    status: { type: 'code', code: 0 },
    verdict: {
      counted: false,
      suspected: false,
      kind: null,
      reason: { code: 'normal' },
    },
    crashesInWindow: 3,
  });
}
