// Usage: exits.mjs STATE: prints when systemd's source learns of an exit: the run's key and the time of day in ms.
import { SystemdSource } from '../../src/host/systemd/systemd-source.ts';

const source = new SystemdSource({ statePath: process.argv[2] ?? '' });
await source.begin({
  started: () => {},
  exited: async ({ start }) => void process.stdout.write(`${start.key} ${nowMs()}\n`),
  missed: () => {},
  gone: () => {},
  problem: (message) => void process.stderr.write(`${message}\n`),
});
process.stdout.write('begun\n');
setInterval(() => {}, 2 ** 30);

function nowMs() {
  return performance.timeOrigin + performance.now();
}
