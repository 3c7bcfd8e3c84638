import { CrashmonError } from '../../model/crashmon-error.ts';

/** A server that takes mail, and how to speak to it. */
export type SmtpServer = {
  host: string;
  port: number;
  /** TLS from the first byte. */
  secure: boolean;
  starttls: 'offered' | 'required' | 'never';
  /** Whether its certificate has to be good. */
  verify: boolean;
  /** The password is behind a function, so that nothing which prints a server prints it. */
  auth: { user: string; password: () => string } | null;
};

/**
 * `smtp://[user:password@]host[:port][?starttls=require|never][&verify=no]`, or `smtps://…`.
 *
 * STARTTLS is used where it is offered. With a password it has to be, except on the machine itself: else whoever sits in
 * between could ask for the password in clear. `starttls=never` says that this is wanted.
 *
 * @param credentials where they are not in the address, such as a password from a file
 * @throws CrashmonError BAD_OPTION; its message holds nothing of the address
 */
export function parseSmtpUrl(
  text: string,
  credentials: { user: string; password: string } | null = null,
): SmtpServer {
  if (!URL.canParse(text)) throw bad('it is to be like smtp://mail.example.com:587');
  const { protocol, hostname, port, pathname, hash, username, password, searchParams } = new URL(text);
  if (protocol !== 'smtp:' && protocol !== 'smtps:') throw bad('it is to begin with smtp:// or smtps://');
  const host = decoded(hostname).replace(/^\[(.*)\]$/, '$1');
  if (!/^[\w.:-]{1,253}$/.test(host)) throw bad('it names no host');
  if ((pathname !== '' && pathname !== '/') || hash !== '')
    throw bad('nothing may follow the host but ?options');
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
    if (name !== 'starttls' && name !== 'verify') throw bad('its only options are starttls and verify');
  }
  const starttls = given.get('starttls');
  const verify = given.get('verify');
  if (starttls !== null && (secure || (starttls !== 'require' && starttls !== 'never'))) {
    throw bad('starttls is require or never, and of no use with smtps://');
  }
  if (verify !== null && verify !== 'no') throw bad('verify can only be no');
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
  if (user === '') throw bad('it has a password and no user name');
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
  return new CrashmonError('BAD_OPTION', `The address of the mail server cannot be used: ${why}.`);
}
