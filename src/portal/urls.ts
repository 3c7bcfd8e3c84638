/** Paths of the portal's pages. Names that others chose are encoded here and nowhere else. */
const part = encodeURIComponent;

export function appUrl(app: string, query: Query = {}): string {
  return `/apps/${part(app)}${queryText(query)}`;
}

export function signatureUrl(app: string, signature: string, query: Query = {}): string {
  return `/apps/${part(app)}/signatures/${part(signature)}${queryText(query)}`;
}

export function instancesUrl(app: string): string {
  return `/apps/${part(app)}/instances`;
}

export function instanceUrl(app: string, instance: string): string {
  return `/apps/${part(app)}/instances/${part(instance)}`;
}

export function historyUrl(app: string, query: Query = {}, format: '' | '.csv' | '.json' = ''): string {
  return `/apps/${part(app)}/history${format}${queryText(query)}`;
}

export function sessionsUrl(app: string, query: Query = {}): string {
  return `/apps/${part(app)}/sessions${queryText(query)}`;
}

/** Where an admin asks an instance for something. */
export function requestsUrl(app: string): string {
  return `${sessionsUrl(app)}/requests`;
}

/** Where admins download dumps. */
export function dumpsUrl(app: string): string {
  return `/apps/${part(app)}/dumps`;
}

export function notificationsUrl(app: string, query = ''): string {
  return `/apps/${part(app)}/notifications${query}`;
}

export function settingsUrl(app: string): string {
  return `/apps/${part(app)}/settings`;
}

/** Where a page hears of changes since it was made. */
export function liveUrl(app: string | null, since: number | undefined): string {
  return `/live${queryText({ app, since })}`;
}

type Query = Readonly<Record<string, string | number | null | undefined>>;

/** `?a=1&b=2` of those that have a value. */
function queryText(query: Query): string {
  const pairs = Object.entries(query).filter(
    ([, value]) => value !== null && value !== undefined && value !== '',
  );
  return pairs.length === 0
    ? ''
    : `?${pairs.map(([name, value]) => `${part(name)}=${part(String(value))}`).join('&')}`;
}
