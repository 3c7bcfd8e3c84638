import type { Command } from 'commander';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { CliContext } from '../context.ts';
import { hintFor } from '../hint.ts';
import { jsonText, line } from '../render/safe-text.ts';
import { tokenTable, tokenToJson } from './access-tables.ts';
import {
  addPortalVerbOptions,
  addPublicUrl,
  BY_COMMAND,
  type PortalAddress,
  type PortalVerbOptions,
  portalAddress,
  withPortalStore,
} from './portal-verb.ts';

type AddOptions = PortalVerbOptions & PortalAddress & { label: string };

const HELP = `
A token only lets instances of one app send records. Only its hash is stored.

Examples:
  crashmon portal tokens
  crashmon portal tokens add shop --label 'web servers'
  crashmon portal tokens revoke 5f2c81a0be43`;

/** `crashmon portal tokens`: what instances send with. */
export function addPortalTokens(portal: Command, context: CliContext): void {
  const tokens = portal
    .command('tokens')
    .description('List, add and revoke the tokens that instances send with')
    .helpCommand(false);
  addPortalVerbOptions(tokens)
    .addHelpText('after', HELP)
    .action(() => list(undefined, tokens.optsWithGlobals(), context));

  const listed = tokens
    .command('list')
    .description('List the tokens (as without a verb)')
    .argument('[app]', 'only those of this app');
  addPortalVerbOptions(listed).action((app?: string) => list(app, listed.optsWithGlobals(), context));

  const add = tokens
    .command('add')
    .description('Create a token for an app; it is shown once')
    .argument('<app>', 'name of the app, as in crashmon run --name')
    .option('--label <text>', 'what the token is for', '');
  addPublicUrl(addPortalVerbOptions(add), 'URL of the portal for instances')
    .addHelpText('after', "\nExample:\n  crashmon portal tokens add shop --label 'web servers'")
    .action((app: string) => addToken(app, add.optsWithGlobals(), context));

  const revoke = tokens
    .command('revoke')
    .description('Reject what is sent with a token from now on')
    .argument('<id>', 'as `crashmon portal tokens` shows it');
  addPortalVerbOptions(revoke)
    .addHelpText('after', '\nExample:\n  crashmon portal tokens revoke 5f2c81a0be43')
    .action((id: string) => revokeToken(id, revoke.optsWithGlobals(), context));
}

async function list(app: string | undefined, options: PortalVerbOptions, context: CliContext): Promise<void> {
  await withPortalStore(options, context, async (store) => {
    const tokens = (await store.tokens('*')).filter((token) => app === undefined || token.app === app);
    if (options.json) context.stdout.write(jsonText(tokens.map(tokenToJson)));
    else context.stdout.write(tokenTable(tokens, context));
  });
}

async function addToken(app: string, options: AddOptions, context: CliContext): Promise<void> {
  const { createIngestToken } = await import('../../portal/access/domain/create-ingest-token.ts');
  const { requireAppName } = await import('../../portal/access/domain/app-name.ts');
  const { runCommands } = await import('../../portal/access/domain/run-commands.ts');
  requireAppName(app);
  const label = options.label.trim();
  if (label.length > 100) throw new CrashmonError('BAD_OPTION', '--label takes up to 100 characters.');
  await withPortalStore(
    options,
    context,
    async (store) => {
      const parts = { store, now: Date.now };
      const { id, secret } = await createIngestToken(parts, { app, label, by: BY_COMMAND });
      if (options.json) {
        context.stdout.write(jsonText({ id, app, label, token: secret }));
        return;
      }
      const commands = runCommands({ app, secret, portalUrl: await portalAddress(store, options, context) });
      context.stdout.write(
        `Token for ${line(app)}, shown only once:\n  ${secret}\n\nOn the instance:\n${commands
          .split('\n')
          .map((each) => `  ${line(each)}\n`)
          .join('')}`,
      );
    },
    { mayCreate: true },
  );
}

async function revokeToken(id: string, options: PortalVerbOptions, context: CliContext): Promise<void> {
  const { revokeIngestToken } = await import('../../portal/access/domain/create-ingest-token.ts');
  await withPortalStore(options, context, async (store) => {
    const token = (await store.tokens('*')).find((each) => each.id === id);
    if (token === undefined) {
      throw new CrashmonError(
        'NO_SUCH_ACCOUNT',
        `The portal has no token ${line(id)}. To list tokens: ${hintFor({}, context)('portal', 'tokens')}`,
      );
    }
    const isNew = await revokeIngestToken({ store, now: Date.now }, token, BY_COMMAND);
    if (options.json) context.stdout.write(jsonText({ revoked: token.id, app: token.app }));
    else
      context.stdout.write(
        isNew
          ? `Revoked: what is sent with ${line(id)} for ${line(token.app)} is rejected from now on.\n`
          : `The token ${line(id)} was already revoked.\n`,
      );
  });
}
