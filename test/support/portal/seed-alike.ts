import { MONITOR_STATES } from '../../../src/model/policy.ts';
import type { SentRecord } from '../../../src/model/telemetry.ts';
import type { PortalStore } from '../../../src/portal/store/portal-store.ts';
import { signatureOf } from '../../../src/signature/signature.ts';
import { captureRecord, crashRecord, heartbeatRecord, redactedReport, sent, stateRecord } from './records.ts';

/**
 * `checkout`: three groups with one title on its first day, a capture without frames, and instances that are stopped
 * or not crashmon's. `till-<state>`: an instance in that state which crashed once, without a stack;
 * that of `till-ahead` has a clock that is 4 hours ahead, and is not crashmon's.
 */
export async function seedAlike(store: Pick<PortalStore, 'write'>, nowMs: number): Promise<void> {
  const atMs = nowMs - 600_000;
  const records: SentRecord[] = [];
  for (const [at, caller] of ['pay', 'refund', 'renew'].entries()) {
    const call = (name: string, line: number) => ({
      ...{ function: name, file: 'server.js', line, column: 7, module: null },
      ...{ inApp: true, repeat: 1, trust: 'call-site' as const },
    });
    const report = { ...redactedReport(caller), frames: [call('chargeCard', 48), call(caller, 90 + at)] };
    records.push(...captured(`alike-${caller}`, atMs + at, 'pos-1', report));
  }
  records.push(...captured('no-frames-1', atMs - 1_000, 'pos-1', { ...redactedReport('none'), frames: [] }));
  const source = { app: 'checkout', instance: 'pos-stopped' };
  records.push(sent(stateRecord('stop-1', atMs + 1, { state: 'armed', stopped: true }), source));
  records.push(sent(heartbeatRecord('stop-2', atMs + 1, { state: 'armed', stopped: true }), source));
  const external = crashRecord('external-1', atMs, { state: 'disabled', crashesInWindow: 0, uptimeMs: 0 });
  records.push(sent(external, { app: 'checkout', instance: 'pos-external' }));
  for (const state of [...MONITOR_STATES, 'stopped'] as const) {
    const at = { app: `till-${state}`, instance: 'till' };
    const before = state === 'stopped' ? 'armed' : state;
    records.push(sent(crashRecord(`till-${state}`, atMs, { state: before }), at));
    const cooldownUntilMs = state === 'cooling-down' ? nowMs + 3_600_000 : null;
    const stopped = state === 'stopped';
    const everyMs = 86_400_000;
    const said = { state: before, cooldownUntilMs, stopped, everyMs } as const;
    records.push(sent(heartbeatRecord(`till-h-${state}`, atMs + 1, said), at));
  }
  const ahead = crashRecord('ahead-1', nowMs + 4 * 3_600_000, { state: 'disabled' });
  records.push(sent(ahead, { app: 'till-ahead', instance: 'till' }));
  await store.write(records);
}

function captured(
  uid: string,
  atMs: number,
  instance: string,
  report: ReturnType<typeof redactedReport>,
): SentRecord[] {
  const { values: signatures, title } = signatureOf({ ...report, status: { type: 'code', code: 1 } });
  const source = { app: 'checkout', instance };
  const crash = crashRecord(uid, atMs, { armed: true, captured: true, signatures, title });
  return [sent(crash, source), sent(captureRecord(uid, atMs, { report, signatures, title }), source)];
}
