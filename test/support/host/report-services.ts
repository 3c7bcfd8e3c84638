// Usage: report-services.ts STATE: prints what systemd's source reports, a JSON object a line, until it is killed.
import { SystemdSource } from '../../../src/host/systemd/systemd-source.ts';

const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
const source = new SystemdSource({ statePath: process.argv[2] ?? '' });
await source.begin({
  started: ({ service, key, pid }) => print({ event: 'started', name: service.name, key, pid }),
  exited: async ({ start, status, asked, because, lastWords }) => {
    const words = asked ? null : await lastWords();
    const text = words?.bytes.toString() ?? null;
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
  },
  missed: ({ name }, count) => print({ event: 'missed', name, count }),
  gone: ({ name }) => print({ event: 'gone', name }),
  problem: (message) => print({ event: 'problem', message }),
});
print({ event: 'begun' });
process.once('SIGTERM', () => void source.end().then(() => process.exit(0)));
setInterval(() => {}, 60_000);
