import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Command } from 'commander';
import type { CliContext } from '../../../src/cli/context.ts';
import { addPortal } from '../../../src/cli/verbs/portal.ts';
import { CrashmonError } from '../../../src/model/crashmon-error.ts';
import { crashmon } from '../../support/crashmon.ts';
import { startPostgres, type TestDatabase } from '../../support/portal/database.ts';
import { Person } from '../../support/portal/person.ts';
import { startPortalProcess, startTestPortal } from '../../support/portal/start-portal.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const PASSWORD = 'a lamp beside four herons';

/** `crashmon portal …` in this process, for there are many; one test below starts the program. */
async function portalVerb(
  args: readonly string[],
): Promise<{ stdout: string; stderr: string; error: string | null }> {
  let stdout = '';
  let stderr = '';
  const context: CliContext = {
    env: {},
    command: 'crashmon',
    workerEnv: {},
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    now: () => ({ wallMs: Date.now(), monotonicMs: 0, bootId: '' }),
    uid: 0,
    isTTY: false,
    stderrIsTerminal: false,
    columns: 80,
    timeZone: 'UTC',
  };
  const program = new Command('crashmon').exitOverride().enablePositionalOptions();
  addPortal(program, context);
  try {
    await program.parseAsync(['portal', ...args], { from: 'user' });
    return { stdout, stderr, error: null };
  } catch (error) {
    if (!(error instanceof CrashmonError)) throw error;
    return { stdout, stderr, error: `${error.code}: ${error.message}` };
  }
}

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let postgres: TestDatabase;
before(async () => {
  directory = await temporaryDirectory('verbs');
  postgres = await startPostgres();
});
after(async () => {
  await postgres?.[Symbol.asyncDispose]();
  await directory?.[Symbol.asyncDispose]();
});

for (const dialect of ['sqlite', 'postgres'] as const) {
  describe(dialect, () => {
    let where: string[];
    before(async () => {
      const dataDir = `${directory.path}/${dialect}`;
      where = ['--data-dir', dataDir];
      if (dialect === 'postgres') where.push('--database', await postgres.fresh());
    });
    const run = (...args: string[]) => portalVerb([...args, ...where]);

    test('accounts are made, listed, let in again and removed', async () => {
      const made = await run('accounts', 'add', 'ada', '--admin');
      assert.match(
        made.stdout,
        /^Link for ada to set a password \(works once, for one day\):\n {2}http:\/\/127\.0\.0\.1:4800\/setup\/[\w-]{43}\n$/,
      );
      assert.match(
        made.stderr,
        /has not started yet, so this assumes http:\/\/127\.0\.0\.1:4800\. .* --public-url/,
      );
      const grace = ['accounts', 'add', 'Grace Hopper', '--viewer', 'shop', 'blog', '--admin', 'next'];
      const printed = await run(...grace, '--json', '--public-url', 'https://c.example');
      assert.equal(printed.stderr, '');
      const { name, link, expiresAt } = JSON.parse(printed.stdout) as Record<string, string>;
      assert.equal(name, 'Grace Hopper');
      assert.match(link ?? '', /^https:\/\/c\.example\/setup\/[\w-]{43}$/);
      assert.ok(Date.parse(expiresAt ?? '') > Date.now() + 23 * 3_600_000);
      assert.match(
        (await run(...grace)).error ?? '',
        /^BAD_REQUEST: An account with this name already exists/,
      );
      assert.match(
        (await run('accounts', 'add', '<b>', '--admin')).error ?? '',
        /^BAD_OPTION: A name can have up to 64/,
      );
      assert.match(
        (await run('accounts', 'add', 'x')).error ?? '',
        /^BAD_OPTION: Give the access of the account/,
      );
      assert.equal(
        (await run('accounts')).stdout,
        [
          'NAME          LAST SIGN-IN  ACCESS',
          'ada           never         owner of the portal',
          'Grace Hopper  never         viewer of blog, admin of next and viewer of shop',
          '',
        ].join('\n'),
      );
      const listed = JSON.parse((await run('accounts', 'list', '--json')).stdout) as { grants: unknown }[];
      assert.deepEqual(listed[0]?.grants, [{ app: '*', role: 'admin' }]);
      assert.match((await run('accounts', 'link', 'grace hopper')).stdout, /Link for Grace Hopper/);
      assert.equal(
        (await run('accounts', 'link', 'Grace Hoper')).error,
        'NO_SUCH_ACCOUNT: The portal has no account Grace Hoper. Did you mean Grace Hopper? ' +
          'To list accounts: crashmon portal accounts',
      );
      assert.match(
        (await run('accounts', 'remove', 'ada')).error ?? '',
        /^NOT_ALLOWED: This is the last owner/,
      );
      assert.match((await run('accounts', 'remove', 'Grace Hopper')).stdout, /^Removed Grace Hopper,/);
      assert.match((await run('accounts', 'remove', 'Grace Hopper')).error ?? '', /^NO_SUCH_ACCOUNT/);
    });

    test('tokens are made, listed and revoked', async () => {
      const made = await run('tokens', 'add', 'a shop', '--label', 'web');
      assert.match(made.stdout, /^Token for a shop, shown only once:\n {2}cmt_[\w-]{43}\n/);
      assert.match(
        made.stdout,
        /crashmon run --name 'a shop' \\\n {4}--portal http:\/\/127\.0\.0\.1:4800 \\\n/,
      );
      const other = JSON.parse((await run('tokens', 'add', 'blog', '--json')).stdout) as { id: string };
      assert.match(
        (await run('tokens')).stdout,
        /^ID +APP +LAST USED +CREATED +BY +LABEL\n[0-9a-f]{12} +a shop +never/,
      );
      assert.match((await run('tokens', 'revoke', other.id)).stdout, /^Revoked: .* for blog is rejected/);
      assert.match((await run('tokens', 'revoke', other.id)).stdout, /was already revoked/);
      assert.match(
        (await run('tokens', 'revoke', 'nope')).error ?? '',
        /^NO_SUCH_ACCOUNT: .*To list tokens: crashmon portal tokens/,
      );
      assert.match((await run('tokens', 'add', '*')).error ?? '', /^BAD_REQUEST: Invalid app name/);
      const [token] = JSON.parse((await run('tokens', 'list', 'blog', '--json')).stdout) as {
        revokedAt: string;
      }[];
      assert.ok(Date.parse(token?.revokedAt ?? '') > 0);
    });

    test('API tokens are made, listed and revoked', async () => {
      const add = ['api-tokens', 'add', 'Grafana', '--account', 'ADA'];
      await run('accounts', 'add', 'ada', '--admin');
      const made = await run(...add, '--scope', 'crashes:read', 'fleet:read', '--app', 'a shop', 'blog');
      assert.match(
        made.stdout,
        /^API token Grafana of ada, shown only once; it expires 2.*:\n {2}cmr_\w{57}\n/,
      );
      const printed = await run(...add, '--scope', 'metrics:read', '--expires', '7d', '--json');
      const token = JSON.parse(printed.stdout) as Record<string, string>;
      assert.match(token.token ?? '', new RegExp(`^cmr_${token.id}[0-9A-Za-z]{49}$`));
      assert.ok(Date.parse(token.expiresAt ?? '') < Date.now() + 8 * 86_400_000);
      assert.match(
        (await run('api-tokens')).stdout,
        /^ID +ACCOUNT +SCOPES +APPS +LAST USED +EXPIRES +NAME\n\w{8} +ada +[^\n]*Grafana\n/,
      );
      assert.match(
        (await run(...add, '--scope', 'crashes:read', '--expires', '0')).error ?? '',
        /^BAD_REQUEST: A token is valid for up to 365 days/,
      );
      assert.match((await run('api-tokens', 'revoke', token.id ?? '')).stdout, /^Revoked: .*\(Grafana\)/);
      assert.match((await run('api-tokens', 'revoke', token.id ?? '')).stdout, /was already revoked/);
      assert.match((await run('api-tokens', 'revoke', 'nope')).error ?? '', /^NO_SUCH_ACCOUNT: /);
      const listed = JSON.parse((await run('api-tokens', 'list', '--json')).stdout) as Record<
        string,
        unknown
      >[];
      const limited = listed.find(({ apps }) => apps !== null);
      assert.deepEqual(
        [limited?.account, limited?.apps, limited?.revokedAt],
        ['ada', ['a shop', 'blog'], null],
      );
      assert.equal(JSON.stringify(listed).includes(token.token ?? ''), false);
    });

    test('links and commands lead to the portal that started last', async () => {
      const dataDir = `${directory.path}/${dialect}-address`;
      const database = dialect === 'postgres' ? await postgres.fresh() : null;
      const at = ['--data-dir', dataDir, ...(database === null ? [] : ['--database', database])];
      const printed = async (...args: string[]) => {
        const { stdout, stderr } = await portalVerb([...args, ...at]);
        assert.equal(stderr, '');
        return stdout;
      };
      let url: string;
      {
        await using portal = await startPortalProcess({ dataDir, database });
        url = portal.url;
        assert.ok((await printed('accounts', 'add', 'ada', '--admin')).includes(`${url}/setup/`));
        assert.ok((await printed('tokens', 'add', 'shop')).includes(url));
      }
      assert.ok((await printed('accounts', 'link', 'ada')).includes(`${url}/setup/`));
      const given = await printed('accounts', 'link', 'ada', '--public-url', 'https://c.example');
      assert.ok(given.includes('https://c.example/setup/'));
    });
  });
}

test('where no portal ever was, nothing is made by looking', async () => {
  const nowhere = ['--data-dir', `${directory.path}/nowhere`];
  for (const args of [
    ['accounts'],
    ['accounts', 'link', 'x'],
    ['tokens', 'list'],
    ['tokens', 'revoke', 'x'],
  ]) {
    const { error } = await portalVerb([...args, ...nowhere]);
    assert.match(error ?? '', /^DATABASE_UNUSABLE: No portal data in .*: start one with crashmon portal, or/);
  }
});

test('as programs, beside a portal that runs: a forgotten password, a token, all of it written down', async () => {
  await using portal = await startTestPortal();
  const { store } = portal;
  await store.createAccount({
    ...{ name: 'ada', passwordHash: '!', atMs: Date.now() },
    grants: [{ app: '*', role: 'admin' }],
  });
  const run = async (...args: string[]) => {
    const place = ['--data-dir', portal.dataDir, '--public-url', portal.url];
    const result = await crashmon(['portal', ...args, ...place], { stateDir: portal.dataDir });
    assert.deepEqual({ code: result.code, stderr: result.stderr }, { code: 0, stderr: '' });
    return result.stdout;
  };
  const link = /http\S+/.exec(await run('accounts', 'link', 'ada'))?.[0] ?? '';
  const ada = new Person(portal.url);
  assert.equal((await ada.post(link, { password: PASSWORD, again: PASSWORD })).status, 303);
  assert.equal((await ada.get('/admin')).status, 200);
  const token = /cmt_[\w-]{43}/.exec(await run('tokens', 'add', 'shop'))?.[0] ?? '';
  const answer = await fetch(`${portal.url}/v1/logs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{"resourceLogs":[]}',
  });
  assert.equal(answer.status, 200);
  const log = (await store.auditEntries('*', 9)).map(({ who, what, app }) => `${who}: ${what} ${app}`);
  assert.deepEqual(log, [
    'command line: token-created shop',
    'ada: password-set null',
    'command line: link null',
  ]);
});
