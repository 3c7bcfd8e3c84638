import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { formatDuration } from '../../formats/duration.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { CliContext } from '../context.ts';
import { DemoApp, type DemoCrash } from '../demo/demo-app.ts';
import { howToLook, howToStay, whatLeft, whatNext } from '../demo/demo-ending.ts';
import { shopExample, ticketsExample } from '../demo/examples.ts';
import { hintFor } from '../hint.ts';
import { colorsFor } from '../render/colors.ts';
import { runCrashmon } from '../start/own-command.ts';

type DemoOptions = { json?: boolean; stateDir?: string; wait?: boolean };

/** More than three crashes arm the app; the next one is captured. */
const ORDERS = 5;

export function addDemo(program: Command, context: CliContext): void {
  program
    .command('demo')
    .summary('Watch a small shop crash, and see why')
    .description(
      'Starts a small web shop under crashmon, on two instances, and a portal that receives their ' +
        'crash records. Sends the shop an order that crashes it, five times. The call stack of the first crash is ' +
        'read from what Node.js prints; after the fourth the shop is armed, and the fifth is captured. A ticket ' +
        'office in Python crashes, too, if python3 is there. The portal then shows the crashes. ' +
        'Everything runs on this machine only, on free ports, and ends with the demo.',
    )
    .option('--wait', 'keep apps and portal running until Ctrl-C (default on a terminal)')
    .option('--no-wait', 'exit after the last output')
    .option('--json', 'print the captured report as JSON, without a portal')
    .option('--state-dir <dir>', 'state directory of the demo (default: a temporary directory)')
    .addHelpText('after', '\nExample:\n  crashmon demo')
    .action((options: DemoOptions) => demo(options, context));
}

async function demo(options: DemoOptions, context: CliContext): Promise<void> {
  const over = new AbortController();
  const endBy = (exitCode: number) => () => {
    process.exitCode = exitCode;
    over.abort();
  };
  process.once('SIGINT', endBy(130)).once('SIGTERM', endBy(143));
  try {
    await play(options, over.signal, context);
  } catch (error) {
    // Interrupted, not failed.
    if (!over.signal.aborted) throw error;
  }
}

async function play(options: DemoOptions, over: AbortSignal, context: CliContext): Promise<void> {
  const stateDir = options.stateDir ?? join(tmpdir(), `crashmon-demo-${context.uid}`);
  if (options.stateDir === undefined) forget(stateDir);
  const hint = hintFor({ stateDir }, context);
  const { bold, dim } = colorsFor(context.env, context.isTTY);
  const stays = options.wait ?? context.isTTY;
  const say = (text: string) => options.json || context.stdout.write(text);
  say(
    `${bold('A small tea shop runs under crashmon.')} A customer orders with a mistyped coupon, again and again.\n\n`,
  );
  // Loaded only here: the portal is most of crashmon's code.
  const { DemoPortal } = await import('../demo/demo-portal.ts');
  await using portal = options.json ? null : await DemoPortal.start(stateDir, context);
  const example = shopExample(context);
  const receiver = (await portal?.receiverOf(example.app)) ?? null;
  const common = { stateDir, doctor: hint('doctor'), over };
  const shopOptions = { ...common, example, portal: receiver };
  await using shop = await DemoApp.start({ ...shopOptions, instance: 'web-1' }, context);
  await shop.up();
  shop.refuseWithoutJournal();
  say(`  shop is up at ${shop.url} ${dim(`(pid ${shop.pid})`)}\n`);
  if (portal !== null) {
    // With --wait the link is printed at the end.
    const link = stays ? '' : `; to sign in: ${await portal.signInLink()}`;
    say(`  portal is up at ${portal.url}${link}\n`);
  }
  const last = await crashUntilCaptured(shop, say, context);
  if (last === null) return;
  const { crash, orders } = last;
  await using other =
    portal === null ? null : await DemoApp.start({ ...shopOptions, instance: 'web-2' }, context);
  say(`  ${dim('analyzing the call stack …')}\n`);
  await shop.report();
  if (other !== null) {
    await other.up();
    say(`  order ${orders + 1}, on another instance: ${outcome(await other.crashByOrder(), context)}\n`);
  }
  const tickets = portal === null ? null : ticketsExample(context);
  await using office =
    portal === null || tickets === null
      ? null
      : await DemoApp.start(
          { ...common, example: tickets, portal: await portal.receiverOf(tickets.app), instance: 'web-1' },
          context,
        );
  if (office !== null) {
    await office.up();
    say('  a ticket office in Python, 2 seats on a train without a fare … ');
    const first = await office.crashByOrder();
    say(`${await firstOutcome(office, first, context)}\n`);
  }
  if (!options.json) say('\n');
  const json = options.json ? ['--json'] : [];
  await runCrashmon(['show', crash.runId, '--state-dir', stateDir, ...json], context);
  if (portal === null || over.aborted) return;
  const isThere =
    (await portal.received(example.app, orders + 1, over)) &&
    (tickets === null || (await portal.received(tickets.app, 1, over)));
  if (over.aborted) return;
  if (!isThere) {
    shop.refuse('the portal did not receive the crashes');
  }
  say(whatLeft(context));
  say(stays ? howToLook(await portal.signInLink(), shop.url, context) : howToStay(hintFor(options, context)));
  say(whatNext(hint, context));
  if (!stays) return;
  say(`\n${bold('Press Ctrl-C to stop the apps and the portal.')}\n`);
  await once(over, 'abort');
  process.exitCode = 0;
}

async function crashUntilCaptured(
  shop: DemoApp,
  say: (text: string) => unknown,
  context: CliContext,
): Promise<{ crash: DemoCrash; orders: number } | null> {
  for (let order = 1; order <= ORDERS; order++) {
    say(`  order ${order}: 1 kettle, coupon WELCOM10 … `);
    const crash = await shop.crashByOrder();
    // Nothing reads the output.
    if (context.stdout.closed) return null;
    const isFirst = order === 1 && !crash.captured;
    say(`${isFirst ? await firstOutcome(shop, crash, context) : outcome(crash, context)}\n`);
    if (crash.captured) return { crash, orders: order };
  }
  return shop.refuse('the last crash was not captured');
}

function outcome({ backAfterMs, captured, armed }: DemoCrash, context: CliContext): string {
  const { bold, dim, red, yellow, green } = colorsFor(context.env, context.isTTY);
  const restarted = dim(`restarted in ${formatDuration(backAfterMs)}`);
  const next = captured
    ? bold(green('captured'))
    : armed
      ? bold(yellow('armed: the next crash will be captured'))
      : 'watching';
  return `${red('crashed')}, ${restarted}, ${next}`;
}

/** Of a crash whose call stack is read from standard error. */
async function firstOutcome(app: DemoApp, crash: DemoCrash, context: CliContext): Promise<string> {
  const { bold, green } = colorsFor(context.env, context.isTTY);
  return `${outcome(crash, context)}; call stack: ${bold(green(await app.placeOf(crash)))}`;
}

/** A demo starts without history. */
function forget(stateDir: string): void {
  try {
    rmSync(stateDir, { recursive: true, force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = `Cannot remove ${stateDir} of an earlier demo (${code}). Give another --state-dir.`;
    throw new CrashmonError('STATE_DIR_UNUSABLE', message, { cause: error });
  }
}
