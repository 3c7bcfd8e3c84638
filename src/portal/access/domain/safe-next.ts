const MAX_LENGTH = 2000;
/** Pages that are no place to go on to. */
const NOT_AFTER_SIGN_IN = /^\/(?:sign-in|sign-out|setup|link)(?:[/?]|$)/;

/** Where to go after signing in: a path of this portal's own, `/` where it is anything else. */
export function safeNext(next: unknown): string {
  if (typeof next !== 'string' || next.length > MAX_LENGTH || !/^\/(?![/\\])[\x21-\x7e]*$/.test(next))
    return '/';
  if (next.includes('\\')) return '/';
  const base = 'http://portal.invalid';
  const url = URL.parse(next, base);
  if (url === null || url.origin !== base || url.pathname.startsWith('//')) return '/';
  const path = `${url.pathname}${url.search}`;
  return NOT_AFTER_SIGN_IN.test(path) ? '/' : path;
}

/** The sign-in page that redirects back to `wanted`. */
export function signInUrl(wanted: string): string {
  const next = safeNext(wanted);
  return next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`;
}
