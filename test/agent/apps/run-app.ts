import path from 'node:path';
import { type Pair, type ProbedOptions, type ProbedRun, runProbed, visible } from '../../probe/run-probed.ts';
import { CHECKOUT } from '../../support/crashmon.ts';
import type { NodeBinary } from '../../support/node-versions.ts';
import { type ReportedEvent, sentryServer } from './sentry-server.ts';

/** The apps, and the published packages that they are made of. */
export const APPS = path.join(CHECKOUT, 'test', 'apps');

/** One of the apps without and with the probe, from its own folder. */
export async function runApp(
  node: NodeBinary,
  args: readonly string[],
  options: ProbedOptions = {},
): Promise<Pair> {
  const run = (armed: boolean) => runProbed(node.path, args, { cwd: `${APPS}/src`, ...options, armed });
  const [plain, probed] = await Promise.all([run(false), run(true)]);
  return { plain, probed };
}

export type Reported = { plain: readonly ReportedEvent[]; probed: readonly ReportedEvent[] };

/** The same for an app that reports to Sentry, and what arrived there. */
export async function runReportingApp(
  node: NodeBinary,
  args: readonly string[],
): Promise<Pair & { reported: Reported }> {
  await using forPlain = await sentryServer();
  await using forProbed = await sentryServer();
  const run = (armed: boolean, dsn: string) =>
    runProbed(node.path, args, { cwd: `${APPS}/src`, armed, env: { SENTRY_DSN: dsn } });
  const [plain, probed] = await Promise.all([run(false, forPlain.dsn), run(true, forProbed.dsn)]);
  return { plain, probed, reported: { plain: forPlain.events(), probed: forProbed.events() } };
}

/**
 * What the world sees of an app: without ports and durations, lines in an order of their own. Loggers write when they
 * find the time, so the order differs from run to run without us, too.
 */
export function seen(run: ProbedRun): object {
  const { code, signal, stdout, stderr } = visible(run);
  return { code, signal, stdout: lines(stdout), stderr: lines(stderr) };
}

function lines(output: string): readonly string[] {
  return output
    .replace(/127\.0\.0\.1:\d+|(?<="(?:remotePort|responseTime)":)[\d.e-]+|ws:\S+/g, '…')
    .split('\n')
    .toSorted();
}
