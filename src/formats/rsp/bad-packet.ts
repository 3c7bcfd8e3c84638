import { CrashmonError } from '../../model/crashmon-error.ts';

/** Says what is wrong with a packet and never quotes it: it may hold a worker's memory. */
export function badPacket(what: string): CrashmonError {
  return new CrashmonError('BAD_RECORD', `the debugger's answer cannot be used: ${what}`);
}
