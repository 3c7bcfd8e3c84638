import { setTimeout as delay } from 'node:timers/promises';
import type { RedactedReport } from '../../src/model/redacted-report.ts';
import { crashmon } from './crashmon.ts';

/** What `crashmon show --json` prints. */
export type ShownReport = RedactedReport;

/** The newest report, as soon as the analysis, which goes on after crashmon has ended, has made it. */
export async function untilReported(stateDir: string): Promise<ShownReport> {
  let last = '';
  for (let look = 0; look < 200; look++) {
    const { code, stdout, stderr } = await crashmon(['show', '--json'], { stateDir });
    if (code === 0) return JSON.parse(stdout);
    last = stderr;
    await delay(50);
  }
  throw new Error(`no report was made: ${last}`);
}
