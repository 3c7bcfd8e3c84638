import { setTimeout as delay } from 'node:timers/promises';
import { crashmon } from './crashmon.ts';

export type ShownReport = {
  id: string;
  app: string;
  kind: string;
  exceptionType: string | null;
  signal: string | null;
  frames: {
    function: string | null;
    file: string | null;
    line: number | null;
    inApp: boolean;
    repeat: number;
  }[];
  causes: { exceptionType: string | null; frames: unknown[] }[];
  problems: string[];
};

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
