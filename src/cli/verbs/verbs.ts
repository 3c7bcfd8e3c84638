import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { addArm } from './arm.ts';
import { addCrashes } from './crashes.ts';
import { addDemo } from './demo.ts';
import { addDisarm } from './disarm.ts';
import { addDoctor } from './doctor.ts';
import { addLogs } from './logs.ts';
import { addPortal } from './portal.ts';
import { addRun } from './run.ts';
import { addShow } from './show.ts';
import { addStatus } from './status.ts';

/** Every verb, in the order in which `--help` lists them. */
export const VERBS: ((program: Command, context: CliContext) => void)[] = [
  addRun,
  addStatus,
  addCrashes,
  addShow,
  addLogs,
  addArm,
  addDisarm,
  addDoctor,
  addPortal,
  addDemo,
];
