// Usage: watch-and-wait.ts <pid>…: watches processes with a hold, prints a line for each, and waits to be killed.
import { ExitWatch } from '../../../src/exit-watch/exit-watch.ts';
import { readProcessStat } from '../../../src/worker/process-info.ts';

const watch = new ExitWatch();
const failure = await watch.start();
if (failure !== null) throw new Error(failure.message);
for (const pid of process.argv.slice(2).map(Number)) {
  const watched = await watch.watch(
    { pid, startTicks: readProcessStat(pid)?.startTicks ?? 0 },
    { hold: true },
  );
  if ('failed' in watched) throw new Error(watched.message);
  process.stdout.write(`watching ${pid}\n`);
}
