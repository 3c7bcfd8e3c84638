import { readFileSync } from 'node:fs';
import { findMaster } from '../../agent/children/find-children.ts';
import { KILL_SWITCHES, killSwitch } from '../../policy/kill-switch.ts';
import { isWebServer } from '../../policy/known-masters.ts';
import { readCommandLine, readExecutable } from '../../worker/process-info.ts';
import { RUN_MARKER } from '../../worker/run-marker.ts';
import type { ServiceStart } from '../source.ts';
import { crashmonVerb } from './crashmon-verb.ts';
import { listensOnTcp, listensOnUnix, type TcpListeners } from './listens-on-tcp.ts';
import { processesOf } from './service-processes.ts';

/** What is looked up of a running service to decide whether it is watched. */
export type ServiceFacts = {
  /** Does a process of it listen on TCP? null if that cannot be seen. */
  listens: boolean | null;
  /** It does not, and is a web server behind another one: Node.js or a known server that listens on a Unix socket. */
  servesUnix: boolean;
  /** The variable by which the app switches monitoring off: `CRASHMON_ENABLED=false`. */
  optOut: string | null;
  /** Does it run `crashmon run` or `crashmon agent` itself? */
  runsCrashmon: boolean;
};

/**
 * Of environments only the variables that switch crashmon off and the marker of `crashmon run` are read.
 * @returns null if the process has ended, or is just ending
 */
export function readServiceFacts(
  { pid, service }: ServiceStart,
  listeners: TcpListeners,
): ServiceFacts | null {
  // Of one that is just ending, too, nothing of what it ran is seen.
  if (readCommandLine(pid).length === 0 && readExecutable(pid) === null) return null;
  const processes = processesOf(pid, service.source);
  const environment = readVariables(pid, KILL_SWITCHES);
  const runsCrashmon = processes.some(
    (one) => isCrashmon(one) || RUN_MARKER in readVariables(one, [RUN_MARKER]),
  );
  const isCluster = service.attributes['pm2.exec_mode'] === 'cluster';
  // Where crashmon runs, nothing else matters, and the kernel takes milliseconds to list what listens.
  const listens = runsCrashmon ? null : isCluster || listensOnTcp(processes, listeners);
  const servesUnix = listens === false && isServerOnUnix(pid, processes);
  return { listens, servesUnix, optOut: killSwitch(environment), runsCrashmon };
}

/** Daemons of all kinds listen on Unix sockets. */
function isServerOnUnix(pid: number, processes: readonly number[]): boolean {
  const server = findMaster(pid)?.known ?? null;
  return server !== null && isWebServer(server) && listensOnUnix(processes);
}

function isCrashmon(pid: number): boolean {
  return ['run', 'agent'].includes(crashmonVerb(pid) ?? '');
}

function readVariables(pid: number, names: readonly string[]): Record<string, string> {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return Object.fromEntries(
      names.flatMap((name) => {
        const entry = entries.find((text) => text.startsWith(`${name}=`));
        return entry === undefined ? [] : [[name, entry.slice(name.length + 1)]];
      }),
    );
  } catch {
    // It has ended, or belongs to another user.
    return {};
  }
}
