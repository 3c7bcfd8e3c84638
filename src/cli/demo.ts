import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { formatDuration } from '../formats/duration.ts';
import { CrashmonError } from '../model/crashmon-error.ts';
import type { CliContext } from './context.ts';
import { DemoShop } from './demo-shop.ts';
import { type Hint, hintFor } from './hint.ts';
import { runCrashmon } from './own-command.ts';
import { coloursFor } from './render/colours.ts';

type DemoOptions = { json?: boolean; stateDir?: string };

/** More than three crashes arm it; the next one is captured. */
const ORDERS = 5;

export function addDemo(program: Command, context: CliContext): void {
  program
    .command('demo')
    .summary('Watch a small shop crash, and see why')
    .description(
      'Starts a small web shop under crashmon and sends it an order that its code cannot bear, five ' +
        'times. After the fourth crash it is armed; the fifth ends with its call stack. Takes some ' +
        'seconds, uses a port of its own on this machine only, and leaves nothing running.',
    )
    .option('--json', 'print the captured report as JSON')
    .option('--state-dir <dir>', 'where the demo keeps its state (default: a temporary directory)')
    .addHelpText('after', '\nExample:\n  crashmon demo')
    .action((options: DemoOptions) => demo(options, context));
}

async function demo(options: DemoOptions, context: CliContext): Promise<void> {
  const stateDir = options.stateDir ?? join(tmpdir(), `crashmon-demo-${context.uid}`);
  if (options.stateDir === undefined) forget(stateDir);
  const hint = hintFor({ stateDir }, context);
  const { bold, dim } = coloursFor(context.env, context.isTTY);
  const say = (text: string) => options.json || context.stdout.write(text);
  say(
    `${bold('A small tea shop runs under crashmon.')} One of its customers mistypes a coupon, again and again.\n\n`,
  );
  let runId: string | null;
  {
    await using shop = new DemoShop(stateDir, hint('doctor'), context);
    await shop.up();
    shop.refuseUnlessRemembered();
    say(`  shop is up at ${shop.url} ${dim(`(pid ${shop.pid})`)}\n`);
    runId = await crashUntilCaptured(shop, say, context);
  }
  if (runId === null) return;
  if (!options.json) say('\n');
  await runCrashmon(['show', runId, '--state-dir', stateDir, ...(options.json ? ['--json'] : [])], context);
  say(whatNext(hint, context));
}

async function crashUntilCaptured(
  shop: DemoShop,
  say: (text: string) => unknown,
  context: CliContext,
): Promise<string | null> {
  const { bold, dim, red, yellow, green } = coloursFor(context.env, context.isTTY);
  for (let order = 1; order <= ORDERS; order++) {
    say(`  order ${order}: 1 kettle, coupon WELCOM10 … `);
    const crash = await shop.crashByOrder();
    // Nobody sees it.
    if (context.stdout.closed) return null;
    const back = dim(`back after ${formatDuration(crash.backAfterMs)}`);
    const next = crash.captured
      ? bold(green('captured'))
      : crash.armed
        ? bold(yellow('armed: the next crash is captured'))
        : 'watching';
    say(`${red('crashed')}, ${back}, ${next}\n`);
    if (!crash.captured) continue;
    say(`  ${dim('working out the call stack …')}\n`);
    await shop.report();
    return crash.runId;
  }
  return shop.refuse('the last crash was not captured');
}

/** A demo begins without a history. The directory is ours by its name. */
function forget(stateDir: string): void {
  try {
    rmSync(stateDir, { recursive: true, force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = `Cannot remove ${stateDir} of an earlier demo (${code}): give another --state-dir.`;
    throw new CrashmonError('STATE_DIR_UNUSABLE', message, { cause: error });
  }
}

function whatNext(hint: Hint, context: CliContext): string {
  const { bold } = coloursFor(context.env, context.isTTY);
  // Your app has a state directory of its own.
  const own = hintFor({}, context);
  const rows = [
    [hint('show', '--private'), 'the message, which stays here'],
    [hint('crashes'), 'every exit with its reason'],
    [own('doctor', '--', 'node', 'server.js'), 'will it work for your app?'],
    [own('run', '--', 'node', 'server.js'), 'run your app under crashmon'],
  ] as const;
  const width = Math.max(...rows.map(([verb]) => verb.length));
  return `
${bold('That is all that may leave the machine: no message, no e-mail address of the customer.')} Try next:
${rows.map(([verb, what]) => `  ${verb.padEnd(width)}   ${what}\n`).join('')}`;
}
