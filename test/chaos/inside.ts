// Usage: node test/chaos/inside.ts MINUTES, in a room (room/guard.sh), with CRASHMON_TEST_SEED.
import { SEED } from '../support/seed.ts';
import { appsOf } from './plan/apps.ts';
import { planOf } from './plan/faults.ts';
import { storeOf } from './plan/store-of.ts';
import { runChaos } from './run-chaos.ts';

const SHORT_MINUTES = 5;

const minutes = Number(process.argv[2]);
const print = (line: string) => void process.stdout.write(`${line}\n`);
const steps = planOf(SEED, minutes * 60_000);
const apps = appsOf(minutes >= SHORT_MINUTES);
const again = `npm run chaos -- --minutes ${minutes} --seed ${SEED}`;
const store = storeOf(SEED);
print(
  `chaos: ${steps.length} faults in ${minutes} minutes, ${apps.length} apps, portal on ${store}. Again: ${again}`,
);
const violations = await runChaos({
  seed: SEED,
  steps,
  apps,
  store,
  keepIn: process.env.CHAOS_KEEP ?? null,
  print,
});
for (const violation of violations) print(`VIOLATION ${violation}`);
print(violations.length === 0 ? 'All invariants hold.' : `${violations.length} violations. Again: ${again}`);
process.exitCode = violations.length === 0 ? 0 : 1;
