import { isLoopback, receiverOf } from '../../agent/uplink/receiver-of.ts';
import { logsRequest } from '../../uplink/logs-request.ts';
import { LogsPoster } from '../../uplink/post-logs.ts';
import type { UplinkPlan } from '../options/uplink-plan.ts';
import { type Check, ok, warning } from './check.ts';

/** Tests the receiver with a request without records. Empty if nothing is sent. */
export async function checkUplink({ uplink, headers, problems }: UplinkPlan): Promise<Check[]> {
  const checks = problems.map((problem) =>
    warning('uplink', problem, 'Crashes are still counted and captured on this machine.'),
  );
  if (uplink === null) return checks;
  using poster = LogsPoster.to(receiverOf(uplink, headers));
  const source = { app: '', instance: '', crashmonVersion: uplink.crashmonVersion };
  const answer = await poster.post(JSON.stringify(logsRequest(source, [])), new AbortController().signal);
  const { protocol, host, hostname } = new URL(uplink.endpoint);
  if (protocol === 'http:' && !isLoopback({ hostname })) {
    const advice = 'Use an https URL.';
    checks.push(warning('uplink', `Records and the token are sent to ${host} unencrypted.`, advice));
  }
  if (answer.outcome === 'taken') {
    return [...checks, ok('uplink', `${uplink.endpoint} accepts crash records.`)];
  }
  const advice = 'Records wait on this machine until they are accepted; see docs/operations.md, Sending.';
  return [
    ...checks,
    warning('uplink', `${uplink.endpoint} does not accept crash records. ${answer.message}`, advice),
  ];
}
