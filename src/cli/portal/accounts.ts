import type { Command } from 'commander';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { AccessStore, Account, Grant } from '../../portal/store/access/access-store.ts';
import type { CliContext } from '../context.ts';
import { didYouMean } from '../did-you-mean.ts';
import { hintFor } from '../hint.ts';
import { jsonText, line } from '../render/safe-text.ts';
import { accountTable, accountToJson } from './access-tables.ts';
import {
  addPortalVerbOptions,
  addPublicUrl,
  BY_COMMAND,
  type PortalAddress,
  type PortalVerbOptions,
  portalAddress,
  withPortalStore,
} from './portal-verb.ts';

type LinkOptions = PortalVerbOptions & PortalAddress;
type AddOptions = LinkOptions & { admin?: true | string[]; viewer?: true | string[] };

const HELP = `
Passwords are not set on the command line: each account sets its own, with a link
that works once and for a day.

Examples:
  crashmon portal accounts
  crashmon portal accounts add ada --admin
  crashmon portal accounts add grace --viewer shop blog
  crashmon portal accounts link grace --public-url https://crashes.example.org`;

const ADD_HELP = `
Without an app, --admin and --viewer apply to all apps. An admin of all apps also
administers the portal.

Examples:
  crashmon portal accounts add ada --admin
  crashmon portal accounts add grace --viewer shop blog --admin shop-next`;

/** `crashmon portal accounts`: who can sign in. */
export function addPortalAccounts(portal: Command, context: CliContext): void {
  const accounts = portal
    .command('accounts')
    .description('List, add and remove accounts of the portal, and create sign-in links')
    .helpCommand(false);
  addPortalVerbOptions(accounts)
    .addHelpText('after', HELP)
    .action(() => list(accounts.optsWithGlobals(), context));

  const listed = accounts.command('list').description('List the accounts (as without a verb)');
  addPortalVerbOptions(listed).action(() => list(listed.optsWithGlobals(), context));

  const add = accounts
    .command('add')
    .description('Add an account, and print a link to set its password')
    .argument('<name>', 'name to sign in with')
    .option('--admin [app...]', 'admin of these apps')
    .option('--viewer [app...]', 'viewer of these apps');
  addPublicUrl(addPortalVerbOptions(add))
    .addHelpText('after', ADD_HELP)
    .action((name: string) => addAccount(name, add.optsWithGlobals(), context));

  const link = accounts
    .command('link')
    .description('Create a link to set a new password; older links stop working')
    .argument('<name>', 'account');
  addPublicUrl(addPortalVerbOptions(link))
    .addHelpText('after', '\nExample:\n  crashmon portal accounts link grace')
    .action((name: string) => makeLink(name, link.optsWithGlobals(), context));

  const remove = accounts
    .command('remove')
    .description('Remove an account with its sessions and links')
    .argument('<name>', 'account');
  addPortalVerbOptions(remove)
    .addHelpText('after', '\nExample:\n  crashmon portal accounts remove grace')
    .action((name: string) => removeAccount(name, remove.optsWithGlobals(), context));
}

async function list(options: PortalVerbOptions, context: CliContext): Promise<void> {
  await withPortalStore(options, context, async (store) => {
    const accounts = await store.accounts();
    if (options.json) context.stdout.write(jsonText(accounts.map(accountToJson)));
    else context.stdout.write(accountTable(accounts, context));
  });
}

async function addAccount(given: string, options: AddOptions, context: CliContext): Promise<void> {
  const { accountName, NAME_SENTENCE } = await import('../../portal/access/domain/account-name.ts');
  const { NO_PASSWORD } = await import('../../portal/access/domain/passwords/password-hash.ts');
  const name = accountName(given);
  if (name === null) throw new CrashmonError('BAD_OPTION', NAME_SENTENCE);
  const grants = await grantsOf(options);
  await withPortalStore(
    options,
    context,
    async (store) => {
      const atMs = Date.now();
      const account = await store.createAccount({ name, passwordHash: NO_PASSWORD, grants, atMs });
      const { accessWords } = await import('../../portal/access/domain/grant-words.ts');
      const detail = `${name}: ${accessWords(account)}`;
      await store.audit({ atMs, who: BY_COMMAND, what: 'invite', app: null, detail });
      await printLink(store, account, options, context);
    },
    { mayCreate: true },
  );
}

async function makeLink(name: string, options: LinkOptions, context: CliContext): Promise<void> {
  await withPortalStore(options, context, async (store) => {
    const account = await accountOf(store, name, context);
    const detail = account.name;
    await store.audit({ atMs: Date.now(), who: BY_COMMAND, what: 'link', app: null, detail });
    await printLink(store, account, options, context);
  });
}

async function removeAccount(name: string, options: PortalVerbOptions, context: CliContext): Promise<void> {
  await withPortalStore(options, context, async (store) => {
    const account = await accountOf(store, name, context);
    await store.removeAccount(account.id);
    const detail = account.name;
    await store.audit({ atMs: Date.now(), who: BY_COMMAND, what: 'account-removed', app: null, detail });
    if (options.json) context.stdout.write(jsonText({ removed: account.name }));
    else context.stdout.write(`Removed ${line(account.name)}, with its sessions and links.\n`);
  });
}

async function printLink(
  store: AccessStore,
  account: Account,
  options: LinkOptions,
  context: CliContext,
): Promise<void> {
  const { SETUP_LINK_MS, setupLink } = await import('../../portal/access/domain/links.ts');
  const atMs = Date.now();
  const address = await portalAddress(store, options, context);
  const parts = { store, now: () => atMs, baseUrl: () => address };
  const link = await setupLink(parts, account.id);
  const { name } = account;
  if (options.json) {
    const expiresAt = new Date(atMs + SETUP_LINK_MS).toISOString();
    context.stdout.write(jsonText({ name, link, expiresAt }));
    return;
  }
  context.stdout.write(
    `Link for ${line(name)} to set a password (works once, for one day):\n  ${line(link)}\n`,
  );
}

/** @throws CrashmonError NO_SUCH_ACCOUNT */
export async function accountOf(store: AccessStore, name: string, context: CliContext): Promise<Account> {
  const { typedName } = await import('../../portal/access/domain/account-name.ts');
  const found = await store.accountByName(typedName(name));
  if (found !== null) return found;
  const names = (await store.accounts()).map((account) => account.name);
  const meant = didYouMean(name, names);
  const lists = `To list accounts: ${hintFor({}, context)('portal', 'accounts')}`;
  const next = meant === null ? lists : `Did you mean ${line(meant)}? ${lists}`;
  throw new CrashmonError('NO_SUCH_ACCOUNT', `The portal has no account ${line(name)}. ${next}`);
}

async function grantsOf({ admin, viewer }: AddOptions): Promise<Grant[]> {
  const { requireAppName } = await import('../../portal/access/domain/app-name.ts');
  const appsOf = (given: true | string[] | undefined) => (given === true ? ['*'] : (given ?? []));
  const grants: Grant[] = [
    ...appsOf(viewer).map((app) => ({ app, role: 'viewer' as const })),
    ...appsOf(admin).map((app) => ({ app, role: 'admin' as const })),
  ];
  for (const { app } of grants) if (app !== '*') requireAppName(app);
  if (grants.length > 0) return grants;
  throw new CrashmonError(
    'BAD_OPTION',
    'Give the access of the account: --admin for everything, or --admin APP, or --viewer APP.',
  );
}
