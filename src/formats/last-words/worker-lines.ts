/** What a run's processes wrote, reduced to what can be of one of them. */
export type WorkerLines = {
  text: string;
  /** The text says that the last report of an exception is of this process. */
  isNamed: boolean;
};

/** gunicorn: `[2026-11-28 19:41:18 +0000] [26137] [ERROR] Exception in worker process` */
const GUNICORN = /^\[[^\]]{10,40}\] \[(\d{1,10})\] \[([A-Z]{1,10})\] (.*)$/;
const HEADING = 'Traceback (most recent call last):';

/** Which lines name a process, by master. Others are kept: they can be of any process. */
const READERS: Readonly<Record<string, (lines: readonly string[], pid: number) => WorkerLines>> = {
  gunicorn: ofGunicorn,
};

/** @param master `EndedProcess.name` of a worker, or null */
export function workerLines(text: string, master: string | null, pid: number): WorkerLines {
  const read = READERS[master ?? ''];
  return read === undefined ? { text, isNamed: false } : read(text.split('\n'), pid);
}

function ofGunicorn(lines: readonly string[], pid: number): WorkerLines {
  const kept: string[] = [];
  let isNamed = false;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const [, by = '', level = '', said = ''] = GUNICORN.exec(line) ?? [];
    if (by === '') {
      if (line === HEADING && !isBelowNamed(lines, at, pid)) isNamed = false;
      kept.push(line);
    } else if (Number(by) === pid) {
      // What is above is older than this report; the line itself would look like one of a caught exception.
      if (said === 'Exception in worker process') isNamed = true;
      else if (!said.startsWith('Worker exiting (pid: ')) kept.push(line);
    } else if (level === 'ERROR' || level === 'CRITICAL') at = endOfReport(lines, at);
  }
  return { text: kept.join('\n'), isNamed };
}

function isBelowNamed(lines: readonly string[], heading: number, pid: number): boolean {
  const [, by = '', , said] = GUNICORN.exec(lines[heading - 1] ?? '') ?? [];
  return Number(by) === pid && said === 'Exception in worker process';
}

/** The last line of an exception that another process logged; the line itself if it logged none. */
function endOfReport(lines: readonly string[], at: number): number {
  if (lines[at + 1] !== HEADING) return at;
  let end = at + 2;
  while (lines[end]?.startsWith(' ')) end++;
  return end;
}
