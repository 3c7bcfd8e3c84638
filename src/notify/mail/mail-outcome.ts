import { oneLine } from '../message/one-line.ts';
import type { SmtpServer } from './smtp-server.ts';

export type Undelivered = { address: string; why: string };

/** The outcome of a mail by recipient; each recipient is in one of the three lists. */
export type MailOutcome = {
  accepted: string[];
  /** A later attempt may succeed. */
  retry: Undelivered[];
  /** Permanent for this address. */
  failed: Undelivered[];
};

/** A failure as the mail library reports it; every field is optional. */
type Failure = {
  name?: string | undefined;
  code?: string | undefined;
  originalCode?: string | undefined;
  responseCode?: number | undefined;
  response?: string | undefined;
  recipient?: string | undefined;
  rejectedErrors?: readonly Failure[] | undefined;
};

/** Replies caused by our settings, not by the recipient: retry until the settings are corrected. */
const OUR_FAULT: readonly number[] = [530, 534, 535, 538];

export function outcomeOfSuccess(
  to: readonly string[],
  info: { accepted: readonly string[]; rejectedErrors?: readonly Failure[] | undefined },
  server: SmtpServer,
): MailOutcome {
  const refused = refusals(info.rejectedErrors, server);
  return sorted(
    to,
    (address) => refused.get(address) ?? (info.accepted.includes(address) ? 'accepted' : UNKNOWN),
  );
}

export function outcomeOfFailure(to: readonly string[], error: unknown, server: SmtpServer): MailOutcome {
  const failure = (error ?? {}) as Failure;
  const refused = refusals(failure.rejectedErrors, server);
  const all = verdict(failure, server);
  return sorted(to, (address) => refused.get(address) ?? all);
}

/** Why no mail can be sent, in a sentence. */
export function whyNot(error: unknown, server: SmtpServer): string {
  const judged = verdict((error ?? {}) as Failure, server);
  return judged === 'accepted' ? '' : judged.why;
}

type Verdict = 'accepted' | { again: boolean; why: string };

const UNKNOWN: Verdict = { again: true, why: 'The mail server did not confirm the message.' };

function sorted(to: readonly string[], judge: (address: string) => Verdict): MailOutcome {
  const outcome: MailOutcome = { accepted: [], retry: [], failed: [] };
  for (const address of to) {
    const judged = judge(address);
    if (judged === 'accepted') outcome.accepted.push(address);
    else outcome[judged.again ? 'retry' : 'failed'].push({ address, why: judged.why });
  }
  return outcome;
}

function refusals(errors: readonly Failure[] | undefined, server: SmtpServer): Map<string, Verdict> {
  return new Map((errors ?? []).map((error) => [error.recipient ?? '', verdict(error, server)]));
}

function verdict(failure: Failure, server: SmtpServer): Verdict {
  const { code = '', originalCode = '', responseCode = 0, name } = failure;
  if (code === 'EAUTH' || OUR_FAULT.includes(responseCode)) {
    const status = responseCode === 0 ? '' : ` (${responseCode})`;
    return { again: true, why: `The mail server rejected the user name or password${status}.` };
  }
  // A rejection before these stages concerns the connection, whatever the number.
  if (code === 'EENVELOPE' || code === 'EMESSAGE') {
    if (responseCode === 0) return { again: false, why: 'The mail server rejected the message.' };
    return { again: responseCode < 500, why: refusal(failure, server) };
  }
  if (code === 'ETIMEDOUT' || name === 'TimeoutError') {
    return { again: true, why: 'The mail server did not answer in time.' };
  }
  if (name === 'AbortError') return { again: true, why: 'Sending was interrupted.' };
  if (BAD_CERTIFICATE.test(originalCode)) return { again: true, why: TROUBLE.ETLS };
  const known = TROUBLE[originalCode] ?? TROUBLE[code];
  return { again: true, why: known ?? 'Crashmon could not communicate with the mail server.' };
}

const BAD_CERTIFICATE = /CERT|SIGNATURE|^ERR_(?:TLS|SSL)_|^EPROTO$/;

function refusal({ response = '' }: Failure, server: SmtpServer): string {
  return `The mail server replied: ${oneLine(withoutSecrets(response, server), 160)}`;
}

/** Keeps the password out of logs if the server echoes it. */
function withoutSecrets(response: string, { auth }: SmtpServer): string {
  if (auth === null) return response;
  const { user, password } = { user: auth.user, password: auth.password() };
  const secrets = [password, base64(password), base64(`\0${user}\0${password}`)];
  return secrets
    .filter((secret) => secret !== '')
    .reduce((text, secret) => text.replaceAll(secret, '…'), response);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

const TROUBLE: Readonly<Record<string, string> & { ETLS: string }> = {
  ECONNREFUSED: 'The mail server refused the connection.',
  EDNS: 'Cannot resolve the host name of the mail server.',
  ECONNECTION: 'The mail server closed the connection.',
  ESOCKET: 'The connection to the mail server failed.',
  ETLS: 'TLS with the mail server failed: check its certificate.',
  EPROTOCOL: 'The server at this address does not speak SMTP.',
};
