import {
  dumpToken,
  MOST_DUMPS,
  type PublicDump,
  type PublicSession,
  parseDumpToken,
  parseSessionToken,
  sessionToken,
} from '../model/public-session.ts';
import { answerToken, MOST_REQUESTS, parseAnswerToken, type RequestAnswer } from '../model/remote-request.ts';

/** What sessions of an instance are, as far as that may leave it. */
export type Sessions = {
  session?: PublicSession;
  /** All that are kept, newest first. */
  dumps?: PublicDump[];
  answers?: RequestAnswer[];
};

/** Only what is well-formed passes. */
export function publicSessions({ session, dumps, answers }: Sessions): Sessions {
  const known = session == null ? null : parseSessionToken(sessionToken(session));
  const of = <Value>(values: Value[], most: number, pass: (value: Value) => Value | null) =>
    values.slice(0, most).flatMap((value) => pass(value) ?? []);
  return {
    ...(known === null ? {} : { session: known }),
    ...(Array.isArray(dumps)
      ? { dumps: of(dumps, MOST_DUMPS, (dump) => parseDumpToken(dumpToken(dump))) }
      : {}),
    ...(Array.isArray(answers)
      ? { answers: of(answers, MOST_REQUESTS, (answer) => parseAnswerToken(answerToken(answer))) }
      : {}),
  };
}
