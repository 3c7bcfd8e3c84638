/** Which process of a run ended: the one that crashmon watches, or one below it whose end was seen. */
export type EndedProcess =
  | { role: 'main' }
  /** `name` is its master: `gunicorn`, `node cluster`. */
  | { role: 'worker'; pid: number; name: string }
  /** Named by `--children`; `name` is its own. */
  | { role: 'child'; pid: number; name: string };

export const MAIN_PROCESS: EndedProcess = { role: 'main' };

/** What a record has of a process other than the main one. */
export type EndedChild = Exclude<EndedProcess, { role: 'main' }>;

const TOKEN = /^(worker|child)\/(\d{1,10})\/([\w.+-]{1,32}(?: [\w.+-]{1,32})?)$/;

/** How columns and attributes hold it: `worker/4711/gunicorn`. null: the main process. */
export function processToken(process: EndedProcess): string | null {
  return process.role === 'main' ? null : `${process.role}/${process.pid}/${process.name}`;
}

/** null for anything else, and for a role of a newer version. */
export function parseProcessToken(token: string): EndedChild | null {
  const [, role, pid, name = ''] = TOKEN.exec(token) ?? [];
  if (role !== 'worker' && role !== 'child') return null;
  return { role, pid: Number(pid), name };
}
