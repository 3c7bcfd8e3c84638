import { plural } from '../../formats/quantity-words.ts';
import { isAgentRunning } from '../../host/host-status.ts';
import { type OpenJournals, watchedApps } from '../journals/open-journals.ts';
import { line } from './safe-text.ts';

/** Where there is nothing of any app. */
export function noApps({ stateDir, host, hint }: Pick<OpenJournals, 'stateDir' | 'host' | 'hint'>): string {
  const watched = watchedApps(host).length;
  if (host !== null && watched > 0 && !isAgentRunning(host))
    return 'No crash so far, and crashmon agent does not run.\n';
  if (watched > 0)
    return `No crash so far. crashmon agent watches ${plural(watched, 'app')}: ${hint('status')}\n`;
  return [
    `No app is monitored yet (checked ${line(stateDir)}).`,
    `Run your app under crashmon:  ${hint('run', '--', 'node', 'server.js')}`,
    `Or watch this host's services:  ${hint('agent')}`,
    '',
  ].join('\n');
}
