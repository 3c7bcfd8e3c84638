import { type Command, Option } from 'commander';
import { REMEMBERED_CRASHES } from '../../policy/policy-state.ts';
import { countValue, durationValue } from './option-values.ts';

export type PolicyFlags = { armAfter: number; window: number; cooldown: number };

/** When a worker is armed. */
export function addPolicyOptions(command: Command): Command {
  return command
    .option(
      '--arm-after <crashes>',
      `arm after more than this many crashes, at most ${REMEMBERED_CRASHES - 1}; 0: always`,
      countValue(REMEMBERED_CRASHES - 1),
      3,
    )
    .addOption(durationOption('--window', 'time window in which crashes count', '24h'))
    .addOption(durationOption('--cooldown', 'time without captures after a capture', '8h'));
}

/** Help shows the default as it is typed. */
export function durationOption(name: string, description: string, usual: string): Option {
  return new Option(`${name} <duration>`, description)
    .argParser(durationValue)
    .default(durationValue(usual), usual);
}
