import { NOTIFY_SECRET_VARIABLES } from '../options/notify-secrets.ts';
import { withoutSecrets } from '../options/uplink-secrets.ts';

/** Node would act on them or remove them, so `keep-for-worker.sh` renames them with the prefix CRASHMON_. */
const KEPT_FROM_NODE = [
  'NODE_OPTIONS',
  'NODE_CHANNEL_FD',
  'NODE_CHANNEL_SERIALIZATION_MODE',
  'NODE_UNIQUE_ID',
] as const;

/** From the entry to the CLI. */
const OF_THE_ENTRY = ['CRASHMON_COMMAND', 'CRASHMON_INHERITED', 'CRASHMON_PROCESS_1'];

const hidden = (name: string) => `CRASHMON_${name}`;

/** The environment that the worker would have without crashmon: renamed variables restored, crashmon's own and its secrets removed. */
export function outerEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const notForWorker = [...NOTIFY_SECRET_VARIABLES, ...OF_THE_ENTRY, ...KEPT_FROM_NODE.map(hidden)];
  const all = Object.entries(withoutSecrets(own)).filter(([name]) => !notForWorker.includes(name));
  const kept = KEPT_FROM_NODE.flatMap((name) => {
    const value = own[hidden(name)];
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries([...all, ...kept]);
}

/** The inverse, for another Node process of crashmon that passes it on. */
export function keptFromNode(outer: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names: readonly string[] = KEPT_FROM_NODE;
  return Object.fromEntries(
    Object.entries(outer).map(([name, value]) => [names.includes(name) ? hidden(name) : name, value]),
  );
}
