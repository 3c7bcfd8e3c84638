import type { Command } from 'commander';
import { choiceValue } from './option-values.ts';

export type LogFlags = { json?: boolean; logFormat?: LogFormat };

const FORMATS = ['text', 'json'] as const;
type LogFormat = (typeof FORMATS)[number];

/** Of `run`, `agent` and `portal`, which write a log while they run. */
export function addLogOptions(command: Command, description: string): Command {
  return command
    .option('--log-format <format>', 'text or json', choiceValue(FORMATS))
    .option('--json', `${description}; as --log-format json`);
}

export const isJsonLog = ({ json, logFormat }: LogFlags): boolean => json === true || logFormat === 'json';
