import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ENTRY_FIELDS, MESSAGES, parseUnitEntry, type UnitEntry } from '../systemd/journal-entry.ts';

/** A journal that is being followed. */
export type FollowedJournal = {
  /** Why it is followed no more, one sentence; null after `stop`. */
  ended: Promise<string | null>;
  stop(): void;
};

const FIELDS = [...ENTRY_FIELDS, 'USER_UNIT', 'USER_INVOCATION_ID', '_UID'];
/** journald sets the unit: a manager is in its own, and no service of the user is. */
const MATCHES = ['_SYSTEMD_USER_UNIT=init.scope', ...Object.values(MESSAGES).map((id) => `MESSAGE_ID=${id}`)];
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/** Follows what managers of users log about their units. @param after cursor; null: from now on */
export function followUserJournal(
  after: string | null,
  onEntry: (entry: UnitEntry) => void,
): FollowedJournal {
  const from = after === null ? ['--lines=0'] : ['--no-tail', `--cursor=${after}`];
  const args = ['--quiet', '--no-pager', '--follow', '--output=json', `--output-fields=${FIELDS.join(',')}`];
  const child = spawn('journalctl', [...args, ...from, ...MATCHES], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: ENVIRONMENT,
  });
  let isStopped = false;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const entry = isStopped ? null : parseUnitEntry(line, 'user');
    // Not by --after-cursor: where that entry is gone, journalctl 252 leaves out the one after it.
    if (entry !== null && entry.cursor !== after) onEntry(entry);
  });
  const ended = new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(`journalctl cannot be started: ${error.message}`));
    child.once('close', () => resolve(isStopped ? null : 'journalctl has ended'));
  });
  return {
    ended,
    stop() {
      isStopped = true;
      child.kill('SIGKILL');
    },
  };
}
