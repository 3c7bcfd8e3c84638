import type { Service } from '../source.ts';
import type { Pm2Process } from './pm2-process.ts';

/**
 * The service that a process of PM2 is. The first of a name has the name alone, so that its identity stays when others are
 * added.
 * @param isTaken another app with this name can have its number, too
 */
export function serviceOf(home: string, process: Pm2Process, isTaken: (id: string) => boolean): Service {
  const { name, instance, pmId, mode } = process;
  const first = `pm2:${home}:${name}`;
  const usual = instance === 0 ? first : `${first}:${instance}`;
  const isOther = isTaken(usual);
  const replica = isOther ? `id${pmId}` : instance === 0 ? null : String(instance);
  const id = isOther ? `${first}:id${pmId}` : usual;
  return { id, source: 'pm2', name, replica, attributes: { 'pm2.exec_mode': mode } };
}

/** The same for all reports on a run. */
export function runKey(bootId: string, { uniqueId, pmId, startedAtMs }: Pm2Process): string {
  return `pm2/${bootId}/${uniqueId}/${pmId}/${startedAtMs}`;
}
