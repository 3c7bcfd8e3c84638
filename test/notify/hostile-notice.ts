import fc from 'fast-check';
import type { CrashNotice, DigestNotice, Notice } from '../../src/notify/notice.ts';
import { CRASH_NOTICES, crashNotice, DIGEST, FRAMES, report } from './sample-notices.ts';

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

/** The same notice twice: as it was, and with every name in it replaced by something hostile. */
export const hostileNotice: fc.Arbitrary<{ tame: Notice; hostile: Notice }> = fc
  .tuple(
    fc.constantFrom(
      ...Object.values(CRASH_NOTICES),
      crashNotice({ signal: 'SIGSEGV', code: 'ECODE' }),
      DIGEST,
    ),
    fc.infiniteStream(hostileText),
  )
  .map(([tame, texts]) => {
    const next = () => texts.next().value as string;
    return { tame, hostile: tame.kind === 'digest' ? hostileDigest(tame, next) : hostileCrash(tame, next) };
  });

function hostileCrash(notice: CrashNotice, next: () => string): CrashNotice {
  const or = (text: string | null) => (text === null ? null : next());
  const { frames = FRAMES } = notice.report ?? {};
  return {
    ...notice,
    app: next(),
    episodeId: next(),
    title: next(),
    exceptionType: or(notice.exceptionType),
    code: or(notice.code),
    signal: or(notice.signal),
    version: or(notice.version),
    instances: { ...notice.instances, names: notice.instances.names.map(next) },
    knownCauses: notice.knownCauses.map(({ steps, ...cause }) => ({
      ...cause,
      title: next(),
      meaning: next(),
      steps: steps.map(next),
    })),
    returned: notice.returned === null ? null : { ...notice.returned, version: or(notice.returned.version) },
    report:
      notice.report === null
        ? null
        : {
            ...notice.report,
            ...report(notice.crashKind, { fault: notice.report.fault }),
            causes: notice.report.causes.map((cause) => ({
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

function hostileDigest(notice: DigestNotice, next: () => string): DigestNotice {
  return {
    ...notice,
    app: next(),
    items: notice.items.map((item) => ({
      ...item,
      title: next(),
      exceptionType: next(),
      code: next(),
      episodeId: next(),
    })),
  };
}
