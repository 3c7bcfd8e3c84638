import type { SystemCore } from '../../model/system-core.ts';
import { signalName } from '../signals/signal-name.ts';
import { linesOf } from '../stack-text/stack-text.ts';
import { type HandlerFrame, MAX_FRAMES, nativeFramesOf } from './core-frames.ts';

/** The message of systemd-coredump(8) about a core dump (`sd-messages.h`). */
export const COREDUMP_MESSAGE = 'fc2e22bc6ee647b6b90729ab34a250b1';

/** All that is read of it: never a command line, an environment, a directory or open files. */
export const COREDUMP_FIELDS = [
  ...['MESSAGE', 'COREDUMP_PID', 'COREDUMP_TID', 'COREDUMP_EXE', 'COREDUMP_SIGNAL', 'COREDUMP_TIMESTAMP'],
  ...['COREDUMP_PACKAGE_JSON', '_SYSTEMD_UNIT', '_BOOT_ID'],
];

/**
 * A line of `journalctl --output=json`; null for anything else, and for what another process logged under this message:
 * journald itself writes down the unit of the sender.
 */
export function parseCoredumpEntry(line: string): SystemCore | null {
  const fields = parseFields(line);
  if (fields === null || !WRITER.test(fields._SYSTEMD_UNIT ?? '')) return null;
  const pid = number(fields.COREDUMP_PID);
  const signal = signalName(number(fields.COREDUMP_SIGNAL) ?? 0);
  const atUs = number(fields.COREDUMP_TIMESTAMP);
  if (pid === null || signal === null || atUs === null) return null;
  const executable = fields.COREDUMP_EXE?.startsWith('/') ? fields.COREDUMP_EXE : null;
  const tid = number(fields.COREDUMP_TID);
  const frames = framesOf(fields.MESSAGE ?? '', tid, buildIdsOf(fields.COREDUMP_PACKAGE_JSON ?? ''));
  return {
    ...{ pid, bootId: fields._BOOT_ID ?? null, executable, signal, atMs: Math.floor(atUs / 1000) },
    frames: nativeFramesOf(frames, executable),
    cut: frames.length >= KEPT_FRAMES,
  };
}

const WRITER = /^systemd-coredump@[\w.\\-]{1,100}\.service$/;
/** systemd-coredump's own limit. */
const KEPT_FRAMES = 64;
const THREAD = /^Stack trace of thread (\d{1,10}):$/;
/** `#1  0x000055c3d1a0e1c5 main (shop + 0x11c5)`; `n/a` stands for what it does not know. */
const FRAME = /^#\d{1,5} +0x([0-9a-f]{16}) (.+) \((.+) \+ 0x([0-9a-f]{1,16})\)$/;

/** Of the crashing thread: the kernel writes it first into a core, and newer versions name it. */
function framesOf(
  message: string,
  tid: number | null,
  buildIds: ReadonlyMap<string, string | null>,
): HandlerFrame[] {
  const frames: HandlerFrame[] = [];
  let isWanted = false;
  for (const line of linesOf(message)) {
    const thread = THREAD.exec(line)?.[1];
    if (thread !== undefined) {
      if (frames.length > 0) break;
      isWanted = tid === null || Number(thread) === tid;
    } else if (isWanted && frames.length < MAX_FRAMES) {
      const frame = parseFrame(line, buildIds);
      if (frame !== null) frames.push(frame);
    }
  }
  return frames;
}

function parseFrame(line: string, buildIds: ReadonlyMap<string, string | null>): HandlerFrame | null {
  const [, address, symbol = '', name = '', offset] = FRAME.exec(line) ?? [];
  if (address === undefined) return null;
  const module = known(name);
  return {
    address: BigInt(`0x${address}`),
    symbol: known(symbol),
    module,
    moduleOffset: module === null ? null : BigInt(`0x${offset}`),
    buildId: module === null ? null : (buildIds.get(baseName(module)) ?? null),
  };
}

function known(name: string): string | null {
  return name === 'n/a' ? null : name;
}

/** By file name; null for a name that two modules have. It has them only of modules with package metadata. */
function buildIdsOf(json: string): Map<string, string | null> {
  const found = new Map<string, string | null>();
  for (const [module, value] of Object.entries(parseObject(json) ?? {}).slice(0, MAX_MODULES)) {
    const buildId = (value as { buildId?: unknown } | null)?.buildId;
    if (typeof buildId !== 'string' || !/^[0-9a-f]{2,64}$/.test(buildId)) continue;
    const name = baseName(module);
    const before = found.get(name);
    found.set(name, before === undefined || before === buildId ? buildId : null);
  }
  return found;
}

const MAX_MODULES = 10_000;

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Those that are text. */
function parseFields(line: string): Record<string, string> | null {
  const value = parseObject(line);
  if (value === null) return null;
  const texts = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}

function parseObject(json: string): object | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}

function number(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : null;
}
