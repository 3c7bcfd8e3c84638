/** Set by crashmon or by the HTTP client. */
const OWN_HEADERS = [
  'content-type',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'host',
  'connection',
];
const LOGS_PATH = '/v1/logs';

/**
 * The full URL of `/v1/logs`. null if it is not an http URL, or has a user or a query, which `status` and logs would show.
 * @param path added unless the URL ends with it
 */
export function endpointOf(text: string, path = LOGS_PATH): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isPlain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!/^https?:$/.test(url.protocol) || !isPlain) return null;
  const base = url.pathname.replace(/\/+$/, '');
  url.pathname = base.endsWith(path) ? base || '/' : `${base}${path}`;
  return url.href;
}

/** `name=value`; null if it is invalid in HTTP or set by crashmon. */
export function headerOf(text: string): { name: string; value: string } | null {
  const [, name = '', value = ''] = /^([\w!#$%&'*+.^`|~-]+)=([\x20-\x7e]*)$/.exec(text) ?? [];
  if (name === '' || OWN_HEADERS.includes(name.toLowerCase())) return null;
  return { name: name.toLowerCase(), value: value.trim() };
}

/** `name=value,name=value` with percent-encoded values, as in OpenTelemetry's variables. */
export function headersOf(text: string | undefined): Record<string, string> {
  const headers = (text ?? '').split(',').map((part) => headerOf(decoded(part.trim())));
  return Object.fromEntries(
    headers.flatMap((header) => (header === null ? [] : [[header.name, header.value]])),
  );
}

/** A token that is valid in an HTTP header. */
export function tokenOf(text: string | undefined): string | null {
  const token = text?.trim() ?? '';
  return /^[\x21-\x7e]{1,4096}$/.test(token) ? token : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
