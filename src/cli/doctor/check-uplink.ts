import { isLoopback, receiverOf } from '../../agent/uplink/receiver-of.ts';
import { logsRequest } from '../../uplink/logs-request.ts';
import { LogsPoster } from '../../uplink/post-logs.ts';
import type { UplinkPlan } from '../options/uplink-plan.ts';
import { type Check, ok, warning } from './check.ts';

/** Whether what is sent would be taken: asks with a request that holds no record. Nothing where nothing is sent. */
export async function checkUplink({ uplink, headers, problems }: UplinkPlan): Promise<Check[]> {
  const told = problems.map((problem) =>
    warning('uplink', problem, 'Crashes are counted and captured on this machine all the same.'),
  );
  if (uplink === null) return told;
  using poster = await LogsPoster.to(receiverOf(uplink, headers));
  const source = { app: '', instance: '', crashmonVersion: uplink.crashmonVersion };
  const answer = await poster.post(JSON.stringify(logsRequest(source, [])), new AbortController().signal);
  const { protocol, host, hostname } = new URL(uplink.endpoint);
  if (protocol === 'http:' && !isLoopback({ hostname })) {
    const advice = 'Use an address that begins with https.';
    told.push(warning('uplink', `Records go to ${host} unencrypted, and the token with them.`, advice));
  }
  if (answer.outcome === 'taken') {
    return [...told, ok('uplink', `Crash records will be taken at ${uplink.endpoint}.`)];
  }
  const advice = 'Records wait on this machine until they are taken; see docs/operations.md, Sending.';
  return [
    ...told,
    warning('uplink', `Crash records are not taken at ${uplink.endpoint}. ${answer.message}`, advice),
  ];
}
