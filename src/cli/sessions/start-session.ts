import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { newRunId } from '../../agent/new-run-id.ts';
import { noCaptureWords } from '../../explain/no-capture-words.ts';
import { wholeMemoryWords } from '../../explain/whole-memory-words.ts';
import { isExitWatched } from '../../host/capture/capture-outlook.ts';
import { placeRequest } from '../../journal/requests.ts';
import { writeSession } from '../../journal/write-session.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import type { NoCapture } from '../../model/no-capture.ts';
import type { HeapPlan, Session } from '../../model/session.ts';
import { isOutOfReach } from '../../policy/monitor-state.ts';
import { isSessionRunning } from '../../policy/session-state.ts';
import { readProcessStat } from '../../worker/process-info.ts';
import type { CliContext } from '../context.ts';
import { type AppStatus, appStatus } from '../journals/app-status.ts';
import { openJournals } from '../journals/open-journals.ts';
import { journalsToWrite } from '../journals/set-override.ts';
import { addJournalOptions, type JournalOptions } from '../options/journal-options.ts';
import {
  byteSizeOption,
  countFrom1Value,
  durationValue,
  heapSizeValue,
  processValue,
} from '../options/option-values.ts';
import { durationOption } from '../options/policy-options.ts';
import { wrap } from '../render/layout.ts';
import { jsonText, line } from '../render/safe-text.ts';
import { remoteOf } from './remote-option.ts';
import { keptSentence, notEncrypted, sessionJson, sessionSentence } from './session-text.ts';

type StartOptions = JournalOptions & {
  maxDumps: number;
  for: number;
  process?: string;
  store?: string;
  endpoint?: string;
  s3Credentials?: string;
  key?: string;
  keep: number;
  maxDisk: number;
  full?: boolean;
  portalDumps?: boolean;
  heap?: boolean;
  heapAt?: number;
  heapHold?: number;
};

const MOST_DUMPS = 100;
/** Of a heap snapshot. */
const LONGEST_HOLD_MS = 60_000;
const LONGEST_MS = 30 * 24 * 60 * 60_000;

export function addSessionStart(session: Command, context: CliContext): void {
  const start = session
    .command('start')
    .description('Keep the dumps of the next crashes of an app')
    .argument('<app>', 'name of the app')
    .option('--max-dumps <count>', 'end after so many dumps', countFrom1Value(MOST_DUMPS), 3)
    .addOption(durationOption('--for', 'end after this time, at most 30d', '24h'))
    .option('--process <name>', 'only of processes of this name below the main one', processValue)
    .option(
      '--store <place>',
      'directory for the dumps, 0700, or s3://bucket[/prefix], which needs --key (default: in the state directory)',
    )
    .option('--endpoint <url>', 'server of the bucket (default: that of AWS)')
    .option('--s3-credentials <file>', 'credentials for the bucket, as AWS tools have them, mode 600')
    .option('--key <recipient>', 'age public key (age1…) to encrypt the dumps to')
    .addOption(durationOption('--keep', 'delete each dump after this time', '7d'))
    .addOption(byteSizeOption('--max-disk', 'keep no dump beyond this size of all in the store', '2GB'))
    .option('--full', 'keep all memory, also the heap; says first what that costs')
    .option('--portal-dumps', 'let the portal have the dumps, encrypted; needs --key')
    .option('--heap', 'also keep a heap snapshot of Node.js near its limit; says first what that costs')
    .option('--heap-at <size>', 'with --heap: take it once the heap has this size', heapSizeValue)
    .option(
      '--heap-hold <duration>',
      'with --heap: take none that would hold the worker for longer (default: 1m)',
      durationValue,
    )
    .addHelpText(
      'after',
      '\nExamples:\n  crashmon session start shop --key age1…\n  crashmon session start shop --max-dumps 1 --for 2h --keep 1d\n  crashmon session start shop --full --key age1… --max-disk 10GB\n  crashmon session start shop --heap --heap-at 200MB --key age1…',
    );
  addJournalOptions(start).action(async (app: string, options: StartOptions) => {
    // `--for` and others are of no use to the verbs that read journals.
    const recipient = options.key ?? null;
    if (options.for === 0 || options.for > LONGEST_MS) {
      throw new CrashmonError('BAD_OPTION', 'Invalid --for: give a time of at most 30d.');
    }
    if (options.keep === 0) throw new CrashmonError('BAD_OPTION', 'Invalid --keep: give a time, such as 7d.');
    refuseHeapOptions(options);
    if (recipient !== null) (await import('../../dumps/encryption.ts')).checkRecipient(recipient);
    await startSession(app, recipient, options, context);
  });
}

async function startSession(
  app: string,
  recipient: string | null,
  options: StartOptions,
  context: CliContext,
): Promise<void> {
  const selection = { ...options, app };
  const now = context.now();
  const [directory = '', ...others] = journalsToWrite(selection, context);
  if (others.length > 0) {
    const message = `${line(app)} has ${others.length + 1} instances here. A session is for one: give --instance.`;
    throw new CrashmonError('BAD_OPTION', message);
  }
  let running: { pid: number | null; isOurs: boolean; heapLimitBytes: number | null };
  let heapNote: string | null = null;
  const heapOf = options.heap === true ? await import('./heap-estimate.ts') : null;
  {
    using open = openJournals(selection, context);
    const [journal] = open.journals;
    if (journal === undefined) throw new CrashmonError('NO_SUCH_APP', `${line(app)} is not monitored.`);
    const status = appStatus(journal, now, open.host);
    refuse(status, options, open.hint('arm', app, '--auto'));
    if (options.portalDumps === true) refuseOfPortal(status, options);
    const isOurs = statSync(directory).uid === process.geteuid?.();
    const { uid } = statSync(directory);
    const run = journal.reader.openRuns().at(-1);
    const heapLimitBytes = run === undefined ? null : (heapOf?.heapLimitOf(directory, uid, run.id) ?? null);
    running = { pid: pidOf(status), isOurs, heapLimitBytes };
    if (heapOf !== null) heapNote = whyNoSnapshotYet(status);
    if (isSessionRunning(journal.reader.session(), now)) {
      const advice = `To end it: ${open.hint('session', 'stop', app)}`;
      throw new CrashmonError('BAD_OPTION', `A session of ${line(app)} is already running. ${advice}`);
    }
  }
  const { pid, isOurs, heapLimitBytes } = running;
  const heap: HeapPlan | null =
    heapOf === null
      ? null
      : {
          fromBytes: options.heapAt ?? null,
          msPerMegabyte: await heapOf.snapshotRate(),
          longestMs: options.heapHold ?? LONGEST_HOLD_MS,
        };
  const whole = options.full === true ? await import('./whole-estimate.ts') : null;
  const estimate = whole === null || pid === null ? null : await whole.estimateWhole(pid, recipient, isOurs);
  const { makeStore } = await import('../../dumps/store-directory.ts');
  const remote = remoteOf(options, statSync(directory).uid);
  const store =
    options.store === undefined || remote !== null ? join(directory, 'dumps') : resolve(options.store);
  makeStore(store, statSync(directory));
  const session: Session = {
    id: newRunId(),
    startedAt: now,
    startedBy: userName(),
    endsAtMs: now.wallMs + options.for,
    maxDumps: options.maxDumps,
    store,
    ...(whole === null ? {} : { full: true, estimate }),
    ...(heap === null ? {} : { heap }),
    ...(remote === null ? {} : { remote }),
    ...(options.portalDumps === true ? { portalDumps: true } : {}),
    recipient,
    keepMs: options.keep,
    maxDiskBytes: options.maxDisk,
    ...(options.process === undefined ? {} : { process: options.process }),
    stoppedAtMs: null,
  };
  if (whole !== null && pid !== null && estimate !== null) {
    // Before anything is held.
    const obstacle = whole.obstacleNow(pid);
    const sentences = whole.estimateSentences(session, estimate);
    if (obstacle !== null)
      sentences.push(`As things are, only stacks would be kept: ${wholeMemoryWords(obstacle)}.`);
    context.stderr.write(`${wrap(sentences.join(' '), { indent: '', columns: context.columns })}\n`);
  }
  if (whole !== null && pid === null)
    context.stderr.write('All memory is kept. No process runs now, so what that costs is not known.\n');
  if (heap !== null && heapOf !== null) {
    const sentences = heapOf.heapSentences(heap, heapLimitBytes);
    if (heapNote !== null) sentences.push(heapNote);
    context.stderr.write(`${wrap(sentences.join(' '), { indent: '', columns: context.columns })}\n`);
  }
  writeSession(directory, session);
  using open = openJournals(selection, context);
  const [journal] = open.journals;
  if (journal === undefined) throw new CrashmonError('NO_SUCH_APP', `${line(app)} is not monitored.`);
  const status = appStatus(journal, now, open.host);
  if (status.supervised) placeRequest(directory, 'override');
  if (options.json) context.stdout.write(jsonText(sessionJson(journal, { session, progress: null }, now)));
  else context.stdout.write(startedText(status, session, context, open.hint('status', app)));
  if (recipient === null) context.stderr.write(`crashmon: ${notEncrypted(store)}\n`);
  const { process: name } = options;
  if (name !== undefined && name !== status.program?.children?.name)
    context.stderr.write(`crashmon: ${line(name)} is not among the processes that are watched now.\n`);
}

function refuseHeapOptions({ heap = false, heapAt, heapHold, process: name }: StartOptions): void {
  if (!heap && (heapAt !== undefined || heapHold !== undefined))
    throw new CrashmonError('BAD_OPTION', '--heap-at and --heap-hold need --heap.');
  if (heap && name !== undefined)
    throw new CrashmonError('BAD_OPTION', '--heap is for the main process: leave out --process.');
}

/**
 * The worker that runs takes no heap snapshot; null if it can.
 * @throws CrashmonError BAD_OPTION if none of the app can
 */
function whyNoSnapshotYet({ app, service, program, worker, startedWith }: AppStatus): string | null {
  const refuse = (why: string) =>
    new CrashmonError('BAD_OPTION', `No heap snapshot of ${line(app)}: ${why}.`);
  if (service !== null) throw refuse('only an app that "crashmon run" starts can take one, with its probe');
  if (program !== null && program.runtime !== 'node') throw refuse(`it runs ${program.runtime}, not Node.js`);
  if (worker === null) return null;
  const hasProbe = worker.armed && startedWith?.gives === 'probe' && startedWith.runtime === 'node';
  return hasProbe
    ? null
    : 'The worker that runs was started without the probe, which takes the snapshot: there can be one from its next start on.';
}

/** What nothing would come of. */
function refuse(status: AppStatus, { full = false }: StartOptions, autoHint: string): void {
  const { app, state, disabled, noCapture, debugger: tracer } = status;
  if (state === 'disabled') {
    const advice = disabled === null ? `It is disarmed. To undo that: ${autoHint}` : line(disabled);
    throw new CrashmonError('BAD_OPTION', `Nothing of ${line(app)} can be captured. ${advice}`);
  }
  if (tracer?.state === 'off' || noCapture?.why === 'switched-off') {
    const message = `crashmon attaches no debugger to ${line(app)} (--no-debugger), so there would be no dump.`;
    throw new CrashmonError('BAD_OPTION', message);
  }
  const { hosted, program } = status;
  if ((hosted?.running?.workers ?? program?.children ?? null) !== null) return;
  const found = noCaptureOfRunning(status);
  if (found?.why === 'exit-watched')
    throw new CrashmonError(
      'BAD_OPTION',
      `There would be no dump of ${line(app)}: ${noCaptureWords(found)}.`,
    );
  if (full && hosted !== null && isExitWatched(hosted.source)) {
    const message = `--full is for fatal signals. Those of ${line(app)} cannot be captured: crashmon agent is already its one tracer.`;
    throw new CrashmonError('BAD_OPTION', message);
  }
}

function refuseOfPortal({ app, uplink }: AppStatus, { key, store = '' }: StartOptions): void {
  const refusal = (why: string) => new CrashmonError('BAD_OPTION', why);
  if (key === undefined)
    throw refusal('--portal-dumps needs --key: a dump leaves this machine only encrypted.');
  if (store.startsWith('s3:'))
    throw refusal('--portal-dumps is for dumps that stay here, not for --store s3://….');
  if (uplink?.kind !== 'portal') throw refusal(`${line(app)} sends nothing to a portal (--portal).`);
}

function startedText(status: AppStatus, session: Session, context: CliContext, statusHint: string): string {
  const { app, instance } = status;
  const sentences = [
    `${line(app)} on ${line(instance)}: ${sessionSentence({ session, progress: null }, context)}.`,
    attachedSentence(status, statusHint),
    keptSentence(session),
  ];
  return `${wrap(sentences.join(' '), { indent: '', columns: context.columns })}\n`;
}

function attachedSentence(status: AppStatus, statusHint: string): string {
  if (!status.supervised) return 'crashmon does not run for it: dumps are kept once it does.';
  if (pidOf(status) === null)
    return `No process runs now: the next one will be attached; "${statusHint}" says whether that works.`;
  const noCapture = noCaptureOfRunning(status);
  if (noCapture === null || !isOutOfReach(noCapture))
    return `The process that runs is being attached; "${statusHint}" says whether that works.`;
  const { runtime } = noCapture;
  const files =
    runtime === 'java' || runtime === 'dotnet'
      ? ' Files that its runtime writes about its end are kept.'
      : '';
  return `Nothing is attached to the process that runs: ${noCaptureWords(noCapture)}.${files}`;
}

/** Of a service that has not crashed yet the agent knows what runs, not the journal. */
function pidOf({ worker, hosted }: AppStatus): number | null {
  const pid = worker?.pid ?? hosted?.running?.pid ?? null;
  // What the agent wrote can be a second old.
  return pid === null || readProcessStat(pid) === null ? null : pid;
}

/** The same for why nothing of it can be captured. */
function noCaptureOfRunning({ hosted, noCapture }: AppStatus): NoCapture | null {
  const { noCapture: why = null, runtime = null } = hosted?.running ?? {};
  return why === null ? noCapture : { why, runtime, code: null };
}

/** For the record: behind sudo, the person. */
function userName(): string {
  try {
    return process.env.SUDO_USER || userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
