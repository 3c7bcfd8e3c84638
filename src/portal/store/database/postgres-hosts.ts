const MOST_HOSTS = 9;

/**
 * A URL for each host of `postgres://user@one:5432,two:5432/name`, as libpq writes several; without a port, a host has the default one.
 * null: not the URL of a PostgreSQL.
 */
export function hostUrls(databaseUrl: string): string[] | null {
  const [, scheme = '', user = '', hosts = '', rest = ''] =
    /^(postgres(?:ql)?:\/\/)([^/?#]*@)?([^/?#@]*)(.*)$/s.exec(databaseUrl) ?? [];
  if (scheme === '') return null;
  const urls = hosts.split(',').map((host) => `${scheme}${user}${host}${rest}`);
  const isList = urls.length > 1;
  if (urls.length > MOST_HOSTS || (isList && hosts.split(',').includes(''))) return null;
  return urls.every((url) => URL.canParse(url)) ? urls : null;
}
