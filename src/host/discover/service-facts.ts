import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findMaster } from '../../agent/children/find-children.ts';
import { KILL_SWITCHES, killSwitch } from '../../policy/kill-switch.ts';
import { isWebServer } from '../../policy/known-masters.ts';
import { readCommandLine, readExecutable } from '../../worker/process-info.ts';
import { RUN_MARKER } from '../../worker/run-marker.ts';
import type { ServiceStart } from '../source.ts';
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
  const args = readCommandLine(pid);
  // Crashmon gives its process a title: one argument, and then nothing.
  if (args.slice(1).every((arg) => arg === '')) return /^crashmon (?:run|agent)\b/.test(args[0] ?? '');
  const isEntry = (arg: string, index: number) => index < 4 && /^crashmon(?:\.sh)?$/.test(basename(arg));
  const at = args.findIndex((arg, index) => isEntry(arg, index) || isOwnMain(pid, arg));
  return at >= 0 && ['run', 'agent'].includes(args[at + 1] ?? '');
}

/** What Node.js executes of crashmon, until the process has its title. An app can have a file of this name, too. */
function isOwnMain(pid: number, arg: string): boolean {
  return (
    arg.endsWith('/main.mjs') && existsSync(join(`/proc/${pid}/root`, dirname(arg), 'start/crashmon.sh'))
  );
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
