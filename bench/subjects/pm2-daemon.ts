import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKOUT } from '../../test/support/crashmon.ts';
import { runToEnd } from '../processes/run-to-end.ts';

const PEERS = join(CHECKOUT, 'bench', 'peers');

export type Pm2Daemon = AsyncDisposable & { readonly pid: number };

/** Only the bench needs PM2, so it installs it from its own lock. */
export async function installPeers(): Promise<void> {
  const script = join(CHECKOUT, 'scripts', 'locked-install.sh');
  const { NODE_EXTRA_CA_CERTS } = process.env;
  // npm needs it behind a proxy with its own certificate.
  const env = NODE_EXTRA_CA_CERTS === undefined ? {} : { NODE_EXTRA_CA_CERTS };
  await runToEnd(['sh', script, PEERS, 'all', process.execPath, 'what the bench compares with'], { env });
}

/** Starts a PM2 daemon that keeps everything in `home`, with one app; disposal ends both. */
export async function startPm2(
  home: string,
  app: string,
  env: Readonly<Record<string, string>>,
): Promise<Pm2Daemon> {
  await mkdir(home);
  const pm2 = [process.execPath, join(PEERS, 'node_modules', 'pm2', 'bin', 'pm2')];
  // For a fair comparison, PM2 does not check for updates.
  const environment = { ...env, PM2_HOME: home, PM2_DISABLE_VERSION_CHECK: 'true' };
  const start = ['start', app, '--name', 'worker', '--interpreter', process.execPath, '--silent'];
  await runToEnd([...pm2, ...start], { env: environment });
  const pid = Number(readFileSync(join(home, 'pm2.pid'), 'utf8'));
  const killNow = (): void => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Already gone.
    }
  };
  process.on('exit', killNow);
  return {
    pid,
    async [Symbol.asyncDispose]() {
      await runToEnd([...pm2, 'kill', '--silent'], { env: environment }).catch(() => {});
      killNow();
      process.off('exit', killNow);
    },
  };
}
