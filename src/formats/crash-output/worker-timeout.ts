type Line = { has: readonly string[]; endsWith?: string };

/** How masters say that they end a worker because it did not respond. */
const TIMEOUTS: Readonly<Record<string, (pid: number) => Line>> = {
  gunicorn: (pid) => ({ has: [`] [CRITICAL] WORKER TIMEOUT (pid:${pid})`] }),
  unicorn: (pid) => ({ has: [` PID:${pid} timeout (`] }),
  puma: (pid) => ({ has: ['! Terminating timed out worker'], endsWith: `: ${pid}` }),
  'php-fpm': (pid) => ({ has: [`] child ${pid}, script `, ' execution timed out ('] }),
};

/** Does the output of a run say so of this worker? @param master `EndedProcess.name` */
export function hasTimedOut(text: string, master: string, pid: number): boolean {
  const { has = [], endsWith = '' } = TIMEOUTS[master]?.(pid) ?? {};
  const [first] = has;
  if (first === undefined) return false;
  for (let at = text.indexOf(first); at >= 0; at = text.indexOf(first, at + 1)) {
    const end = text.indexOf('\n', at);
    const line = text.slice(at, end < 0 ? undefined : end).trimEnd();
    if (line.endsWith(endsWith) && has.every((part) => line.includes(part))) return true;
  }
  return false;
}
