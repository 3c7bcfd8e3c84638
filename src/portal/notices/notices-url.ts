/** Where people choose what they are told of an app. */
export function noticesUrl(app: string, query = ''): string {
  return `/apps/${encodeURIComponent(app)}/notices${query}`;
}
