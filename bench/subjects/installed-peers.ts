import { join } from 'node:path';
import { CHECKOUT } from '../../test/support/crashmon.ts';
import { runToEnd } from '../processes/run-to-end.ts';

export const PEERS = join(CHECKOUT, 'bench', 'peers');

/** Only the bench needs them, so it installs them from a lock of their own. */
export async function installPeers(): Promise<void> {
  const script = join(CHECKOUT, 'scripts', 'locked-install.sh');
  const { NODE_EXTRA_CA_CERTS } = process.env;
  // npm needs it behind a proxy with its own certificate.
  const env = NODE_EXTRA_CA_CERTS === undefined ? {} : { NODE_EXTRA_CA_CERTS };
  await runToEnd(['sh', script, PEERS, 'all', process.execPath, 'what the bench compares with'], { env });
}
