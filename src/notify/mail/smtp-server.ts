import { CrashmonError } from '../../model/crashmon-error.ts';

/** A mail server and its connection settings. */
export type SmtpServer = {
  host: string;
  port: number;
  /** TLS from the first byte. */
  secure: boolean;
  starttls: 'offered' | 'required' | 'never';
  /** Verify the certificate. */
  verify: boolean;
  /** The password is a function, so that printing the object does not print it. */
  auth: { user: string; password: () => string } | null;
};

/**
 * `smtp://[user:password@]host[:port][?starttls=require|never][&verify=no]`, or `smtps://…`.
 *
 * Uses STARTTLS if the server offers it. With a password STARTTLS is required, except on loopback: otherwise an attacker
 * in between could request the password in plain text. `starttls=never` allows that.
 *
 * @param credentials if they are not in the URL, such as a password from a file
 * @throws CrashmonError BAD_OPTION; its message contains no part of the URL
 */
export function parseSmtpUrl(
  text: string,
  credentials: { user: string; password: string } | null = null,
): SmtpServer {
  if (!URL.canParse(text)) throw bad('expected a URL such as smtp://mail.example.com:587');
  const { protocol, hostname, port, pathname, hash, username, password, searchParams } = new URL(text);
  if (protocol !== 'smtp:' && protocol !== 'smtps:') throw bad('it must start with smtp:// or smtps://');
  const host = decoded(hostname).replace(/^\[(.*)\]$/, '$1');
  if (!/^[\w.:-]{1,253}$/.test(host)) throw bad('it has no host name');
  if ((pathname !== '' && pathname !== '/') || hash !== '') throw bad('only ?options can follow the host');
  const secure = protocol === 'smtps:';
  const auth = authOf(decoded(username), decoded(password), credentials);
  const options = optionsOf(searchParams, secure);
  const isHere = isLoopback(host);
  return {
    host,
    port: port === '' ? defaultPort(secure, isHere) : Number(port),
    secure,
    starttls: options.starttls ?? (auth !== null && !isHere ? 'required' : 'offered'),
    verify: options.verify,
    auth,
  };
}

function optionsOf(
  given: URLSearchParams,
  secure: boolean,
): Pick<SmtpServer, 'verify'> & { starttls: SmtpServer['starttls'] | null } {
  for (const name of given.keys()) {
    if (name !== 'starttls' && name !== 'verify') throw bad('the only options are starttls and verify');
  }
  const starttls = given.get('starttls');
  const verify = given.get('verify');
  if (starttls !== null && (secure || (starttls !== 'require' && starttls !== 'never'))) {
    throw bad('starttls must be require or never, and does not apply to smtps://');
  }
  if (verify !== null && verify !== 'no') throw bad('verify must be no');
  const chosen = starttls === 'require' ? 'required' : 'never';
  return { starttls: starttls === null ? null : chosen, verify: verify === null };
}

function authOf(
  user: string,
  password: string,
  credentials: { user: string; password: string } | null,
): SmtpServer['auth'] {
  if (credentials !== null) return { user: credentials.user, password: () => credentials.password };
  if (user === '' && password === '') return null;
  if (user === '') throw bad('it has a password but no user name');
  return { user, password: () => password };
}

function defaultPort(secure: boolean, isHere: boolean): number {
  if (secure) return 465;
  return isHere ? 25 : 587;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad('write a % in the user name or password as %25');
  }
}

function bad(why: string): CrashmonError {
  return new CrashmonError('BAD_OPTION', `Invalid mail server URL: ${why}.`);
}
