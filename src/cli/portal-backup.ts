import type { Command } from 'commander';
import type { CliContext } from './context.ts';

/** `crashmon portal backup` and `restore`: everything the portal knows, in one file. */
export function addPortalBackup(_portal: Command, _context: CliContext): void {}
