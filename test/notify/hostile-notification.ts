import fc from 'fast-check';
import { knownCauses } from '../../src/explain/known-causes/known-causes.ts';
import { crashFacts } from '../../src/notify/message/crash-cause.ts';
import type { CrashNotification, DigestNotification, Notification } from '../../src/notify/notification.ts';
import { CRASH_NOTIFICATIONS, crashNotification, DIGEST, FRAMES, report } from './sample-notifications.ts';

const ATTACKS = [
  '\r\nBcc: everybody@example.com\r\n\r\nHello',
  '\nSubject: other',
  '\u2028Bcc: a@b.c\u0085X: y',
  '<script>alert(1)</script>',
  '"><img src=https://evil.example/x onerror=alert(1)>',
  "' style='position:fixed",
  '</title></style><svg onload=alert(1)>',
  '<!--',
  '<!channel>',
  '<@U012AB3CD>',
  '<!subteam^S1|x>',
  '@everyone @here @channel',
  '<at>Everyone</at>',
  '<@&123456789012345678>',
  '```\n@everyone',
  '[click](https://evil.example/)',
  'https://evil.example/login',
  '\u202Egnp.exe',
  '=?utf-8?Q?=0D=0ABcc:_x@example.com?=',
  '\ud800 half',
  '\0',
  'x'.repeat(20_000),
  '\u0300'.repeat(3000),
  '𝕏'.repeat(3000),
];

/** What no name should be; with something to be seen in it, so that nothing is left out for being empty. */
const hostileText = fc
  .oneof(
    fc.constantFrom(...ATTACKS),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.tuple(fc.constantFrom(...ATTACKS), fc.constantFrom(...ATTACKS)).map((both) => both.join(' ')),
  )
  .map((text) => `x${text}`);

/** The same notification twice: as it was, and with every name in it replaced by something hostile. */
export const hostileNotification: fc.Arbitrary<{ tame: Notification; hostile: Notification }> = fc
  .tuple(
    fc.constantFrom(
      ...Object.values(CRASH_NOTIFICATIONS),
      crashNotification({ signal: 'SIGSEGV', code: 'ECODE' }),
      DIGEST,
    ),
    fc.infiniteStream(hostileText),
  )
  .map(([tame, texts]) => {
    const next = () => texts.next().value as string;
    return { tame, hostile: tame.kind === 'digest' ? hostileDigest(tame, next) : hostileCrash(tame, next) };
  })
  // A changed name can change the known cause, and with it the number of links.
  .filter(({ tame, hostile }) => causeCount(tame) === causeCount(hostile));

function causeCount(notification: Notification): number {
  return notification.kind === 'digest' || notification.kind === 'test'
    ? 0
    : knownCauses(crashFacts(notification)).length;
}

function hostileCrash(notification: CrashNotification, next: () => string): CrashNotification {
  const or = (text: string | null) => (text === null ? null : next());
  const { frames = FRAMES } = notification.report ?? {};
  return {
    ...notification,
    app: next(),
    episodeId: next(),
    title: next(),
    exceptionType: or(notification.exceptionType),
    code: or(notification.code),
    signal: or(notification.signal),
    version: or(notification.version),
    instances: { ...notification.instances, names: notification.instances.names.map(next) },
    returned:
      notification.returned === null
        ? null
        : { ...notification.returned, version: or(notification.returned.version) },
    report:
      notification.report === null
        ? null
        : {
            ...notification.report,
            ...report(notification.crashKind, { fault: notification.report.fault }),
            causes: notification.report.causes.map((cause) => ({
              ...cause,
              exceptionType: or(cause.exceptionType),
              code: or(cause.code),
              frames: cause.frames.map((each) => ({ ...each, function: next(), file: next() })),
            })),
            frames: frames.map((each) => ({
              ...each,
              function: next(),
              file: next(),
              module: or(each.module),
            })),
          },
  };
}

function hostileDigest(notification: DigestNotification, next: () => string): DigestNotification {
  return {
    ...notification,
    app: next(),
    items: notification.items.map((item) => ({
      ...item,
      title: next(),
      exceptionType: next(),
      code: next(),
      episodeId: next(),
    })),
  };
}
