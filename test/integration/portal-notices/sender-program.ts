import { parseSmtpUrl } from '../../../src/notify/mail/smtp-server.ts';
import { openDesk } from './notice-desk.ts';

// A process of the portal's that sends what is due at the time it was given; the test kills it.
const [databaseUrl = '', dataDir = '', smtp = '', nowMs = ''] = process.argv.slice(2);
const desk = await openDesk(
  { databaseUrl: databaseUrl === '' ? null : databaseUrl, dataDir },
  { smtp: parseSmtpUrl(smtp), mailTo: ['ops@example.com'] },
  { clock: { nowMs: Number(nowMs) } },
);
setInterval(() => {}, 1000);
await desk.runner.runDue();
process.stdout.write('done\n');
