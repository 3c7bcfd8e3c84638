// Usage: report-services.ts STATE: prints what systemd's source reports, a JSON object a line, until it is killed.
import { SystemdSource } from '../../../src/host/systemd/systemd-source.ts';

const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
const source = new SystemdSource({ statePath: process.argv[2] ?? '' });
await source.begin({
  started: ({ service, key, pid }) => print({ event: 'started', name: service.name, key, pid }),
  exited: async ({ start, status, asked, because, lastWords }) => {
    const words = asked ? null : await lastWords();
    // Those of a reporter before are all of its lines, and journald splits a line of 48 KiB.
    const text = words?.bytes.toString().slice(0, 500) ?? null;
    const { service, key } = start;
    print({
      event: 'exited',
      name: service.name,
      key,
      status: Object.values(status)[1],
      asked,
      because,
      text,
    });
    return true;
  },
  missed: async ({ name }, count) => {
    print({ event: 'missed', name, count });
    return true;
  },
  gone: ({ name }) => print({ event: 'gone', name }),
  problem: (message) => print({ event: 'problem', message }),
});
print({ event: 'begun' });
process.once('SIGTERM', () => void source.end().then(() => process.exit(0)));
setInterval(() => {}, 60_000);
