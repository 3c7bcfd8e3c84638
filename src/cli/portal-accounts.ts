import type { Command } from 'commander';
import type { CliContext } from './context.ts';

export function addPortalAccounts(_portal: Command, _context: CliContext): void {}
