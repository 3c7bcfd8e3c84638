import { type Command, Option } from 'commander';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { API_SCOPE_NAMES } from '../../portal/access/domain/api-scopes.ts';
import type { ApiScope } from '../../portal/store/access/access-store.ts';
import type { CliContext } from '../context.ts';
import { hintFor } from '../hint.ts';
import { durationOption } from '../options/policy-options.ts';
import { jsonText, line } from '../render/safe-text.ts';
import { isoTime } from '../render/times.ts';
import { apiTokenTable, apiTokenToJson } from './access-tables.ts';
import { accountOf } from './accounts.ts';
import {
  addPortalVerbOptions,
  addPublicUrl,
  BY_COMMAND,
  type PortalAddress,
  type PortalVerbOptions,
  portalAddress,
  withPortalStore,
} from './portal-verb.ts';

type AddOptions = PortalVerbOptions &
  PortalAddress & { account: string; scope: ApiScope[]; app?: string[]; expires: number };

const HELP = `
An API token lets a program read what an account can see, by its scopes. It changes
nothing, expires, and ends with its account. Only its hash is stored.

Examples:
  crashmon portal api-tokens
  crashmon portal api-tokens add Grafana --account ada --scope crashes:read fleet:read
  crashmon portal api-tokens add Status --account ada --scope crashes:read --app shop --expires 30d
  crashmon portal api-tokens revoke 3fK9aZ1q`;

/** `crashmon portal api-tokens`: what programs read with. */
export function addPortalApiTokens(portal: Command, context: CliContext): void {
  const tokens = portal
    .command('api-tokens')
    .description('List, add and revoke the tokens that programs read the API with')
    .helpCommand(false);
  addPortalVerbOptions(tokens)
    .addHelpText('after', HELP)
    .action(() => list(tokens.optsWithGlobals(), context));

  const listed = tokens.command('list').description('List the API tokens (as without a verb)');
  addPortalVerbOptions(listed).action(() => list(listed.optsWithGlobals(), context));

  const add = tokens
    .command('add')
    .description('Create an API token; it is shown once')
    .argument('<name>', 'what the token is for')
    .requiredOption('--account <name>', 'account whose apps the token can see at most')
    .addOption(
      new Option('--scope <scope...>', 'what the token reads').choices(API_SCOPE_NAMES).makeOptionMandatory(),
    )
    .option('--app <app...>', 'only these apps (default: all that the account can see)')
    .addOption(durationOption('--expires', 'how long the token is valid, up to 365d', '90d'));
  addPublicUrl(addPortalVerbOptions(add)).action((name: string) =>
    addToken(name, add.optsWithGlobals(), context),
  );

  const revoke = tokens
    .command('revoke')
    .description('Refuse requests with an API token from now on')
    .argument('<id>', 'as `crashmon portal api-tokens` shows it');
  addPortalVerbOptions(revoke).action((id: string) => revokeToken(id, revoke.optsWithGlobals(), context));
}

async function list(options: PortalVerbOptions, context: CliContext): Promise<void> {
  await withPortalStore(options, context, async (store) => {
    const [tokens, accounts] = [await store.apiTokens('*'), await store.accounts()];
    const names = new Map(accounts.map(({ id, name }) => [id, name]));
    if (options.json) context.stdout.write(jsonText(tokens.map((token) => apiTokenToJson(token, names))));
    else context.stdout.write(apiTokenTable(tokens, names, context));
  });
}

async function addToken(name: string, options: AddOptions, context: CliContext): Promise<void> {
  const { createApiToken } = await import('../../portal/access/domain/create-api-token.ts');
  await withPortalStore(options, context, async (store) => {
    const account = await accountOf(store, options.account, context);
    const wanted = { name, scopes: options.scope, apps: options.app ?? null, validForMs: options.expires };
    const parts = { store, now: Date.now };
    const { secret, ...token } = await createApiToken(parts, account, wanted, BY_COMMAND);
    if (options.json) {
      const names = new Map([[account.id, account.name]]);
      context.stdout.write(jsonText({ ...apiTokenToJson(token, names), token: secret }));
      return;
    }
    const address = await portalAddress(store, options, context);
    const path = token.scopes.includes('crashes:read') ? '/api/v1/apps' : '/api/openapi.json';
    context.stdout.write(
      `API token ${line(token.name)} of ${line(account.name)}, shown only once; it expires ${isoTime(token.expiresAtMs)}:\n  ${secret}\n\nSend it as a header:\n  curl -H "Authorization: Bearer $(cat FILE)" ${line(address)}${path}\n`,
    );
  });
}

async function revokeToken(id: string, options: PortalVerbOptions, context: CliContext): Promise<void> {
  const { revokeApiToken } = await import('../../portal/access/domain/create-api-token.ts');
  await withPortalStore(options, context, async (store) => {
    const token = await store.apiToken(id);
    if (token === null) {
      throw new CrashmonError(
        'NO_SUCH_ACCOUNT',
        `The portal has no API token ${line(id)}. To list them: ${hintFor({}, context)('portal', 'api-tokens')}`,
      );
    }
    const isNew = await revokeApiToken({ store, now: Date.now }, token, BY_COMMAND);
    if (options.json) context.stdout.write(jsonText({ revoked: token.id, name: token.name }));
    else
      context.stdout.write(
        isNew
          ? `Revoked: requests with ${line(id)} (${line(token.name)}) are refused from now on.\n`
          : `The API token ${line(id)} was already revoked.\n`,
      );
  });
}
