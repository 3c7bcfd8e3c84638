import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DropIn } from '../../src/host/probe/drop-in.ts';
import type { SystemdHost } from '../../test/support/systemd-host/systemd-host.ts';
import { makeWorkspace } from '../processes/workspace.ts';
import { median } from '../report/statistics.ts';

/** Median times of one round in ms, of a restart, from the end of the unit to its next process. */
export type UnitStarts = { plain: number; control: number; withDropIn: number };

const UNIT = 'starts.service';
const FOLDER = '/run/systemd/system/service.d';
const SERVICE =
  '[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n';
const PROPERTIES = 'InactiveEnterTimestampMonotonic,ExecMainStartTimestampMonotonic';
/** The order of `systemctl show` is its own. */
const TIME = /^(InactiveEnter|ExecMainStart)TimestampMonotonic=(\d+)$/gm;

/** Starts of a unit without crashmon's drop-in, again without it, and with it; the file that it names is not there. */
export async function unitStarts(host: SystemdHost, starts: number): Promise<UnitStarts> {
  await host.units({ [UNIT]: SERVICE });
  // What has never ended has no time of it.
  await host.must('systemctl', 'start', UNIT);
  const plain = await block(host, starts);
  const control = await block(host, starts);
  await host.must(
    'sh',
    '-c',
    `mkdir -p ${FOLDER}; printf %s "$1" >${FOLDER}/90-crashmon.conf`,
    'sh',
    await dropIn(),
  );
  await host.must('systemctl', 'daemon-reload');
  const withDropIn = await block(host, starts);
  await host.must('rm', '-r', FOLDER);
  await host.must('systemctl', 'daemon-reload');
  return { plain, control, withDropIn };
}

async function block(host: SystemdHost, starts: number): Promise<number> {
  const script = `for i in $(seq ${starts}); do systemctl restart ${UNIT}; systemctl show -p ${PROPERTIES} ${UNIT}; echo; done`;
  const shown = (await host.must('sh', '-c', script)).split('\n\n').filter(Boolean);
  const times = shown.map((text) => {
    const at = Object.fromEntries(Array.from(text.matchAll(TIME), ([, name, us]) => [name, Number(us)]));
    return (Number(at.ExecMainStart) - Number(at.InactiveEnter)) / 1_000;
  });
  if (times.length !== starts || times.some((ms) => !(ms >= 0)))
    throw new Error('systemd has no times of the starts');
  return median(times);
}

/** As the agent writes it. */
async function dropIn(): Promise<string> {
  await using workspace = await makeWorkspace();
  new DropIn(workspace.path, '/run/crashmon/units').write();
  return readFileSync(join(workspace.path, 'service.d', '90-crashmon.conf'), 'utf8');
}
