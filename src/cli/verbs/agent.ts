import type { Command } from 'commander';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { addAgentOptions } from '../agent/agent-options.ts';
import { type ReadSettings, readHostSettings } from '../agent/read-host-settings.ts';
import type { CliContext } from '../context.ts';
import { line } from '../render/safe-text.ts';
import { becomeSmall } from '../start/become-agent.ts';

const HELP = `
Examples:
  crashmon agent                       watch the web workers of this host
  crashmon agent --all --exclude 'backup-*'
                                       watch all services except some
  crashmon agent --include shop --include 'api-*'
                                       watch only these
  crashmon agent --check-config        check the settings and exit
  crashmon agent --notify smtp://mail.example.com --mail-to ops@example.com
                                       send mail when a service crashes, and why

Supervisors start and restart the services as before. Crashmon watches them;
as root, a crashed Node.js service of systemd is also restarted with its probe.
Settings are in /etc/crashmon/agent.toml; options
and CRASHMON_ variables come before it. SIGHUP reads it again.
An app with CRASHMON_ENABLED=false in its environment is not watched.
As another user than root: join the group systemd-journal, and give --include.
See: crashmon status, man crashmon-agent.
Exit codes: 0 stopped; 1 failure; 2 usage error.`;

export function addAgent(program: Command, context: CliContext): void {
  const command = program
    .command('agent')
    .summary('Watch the services of this host, and find out why they crash')
    .description(
      'Watches services that systemd, PM2, Docker or Podman starts, and processes that --watch names, without ' +
        'a change to their settings: each crash is recorded once, with the call stack that its runtime printed last, and ' +
        'reported as by crashmon run.',
    );
  addAgentOptions(command)
    .addHelpText('after', HELP)
    .action(() => watch(command, context));
}

async function watch(command: Command, context: CliContext): Promise<void> {
  const read = () => {
    const found = readHostSettings(command, context);
    if ('problems' in found) throw new CrashmonError('BAD_OPTION', found.problems.join('\n'));
    return found;
  };
  if (command.opts().checkConfig === true) {
    checkSettings(readHostSettings(command, context), context);
    return;
  }
  const { settings } = read();
  if (settings.stateDir === null) {
    throw new CrashmonError('BAD_OPTION', 'No home directory for the state: give --state-dir <directory>.');
  }
  becomeSmall(context);
  const { watchHost } = await import('../start/watch-host.ts');
  await watchHost(settings.stateDir, read, context);
}

/** Each problem is a line of its own: there can be many. */
function checkSettings(found: ReadSettings, context: CliContext): void {
  const problems = 'problems' in found ? found.problems : found.warnings;
  for (const problem of problems) context.stderr.write(`crashmon: ${line(problem)}\n`);
  if ('problems' in found) process.exitCode = 2;
  else context.stdout.write(`${validText(found.file)}\n`);
}

function validText({ path, exists }: { path: string; exists: boolean }): string {
  return exists
    ? `The settings are valid: ${path}`
    : `There is no ${path}. The options and defaults are valid.`;
}
