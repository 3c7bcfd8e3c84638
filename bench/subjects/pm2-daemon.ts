import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runToEnd } from '../processes/run-to-end.ts';
import { PEERS } from './installed-peers.ts';

export type Pm2Daemon = AsyncDisposable & { readonly pid: number };

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
