import { createHmac } from 'node:crypto';
import { equalSecrets } from '../../access/domain/secrets.ts';

export type Unsubscription = { app: string; address: string };

/** Never expires, since emails are kept forever. */
export function unsubscribeToken({ app, address }: Unsubscription, key: string): string {
  const said = Buffer.from(JSON.stringify([app, address])).toString('base64url');
  return `${said}.${macOf(said, key)}`;
}

/** null: not made with this key. */
export function readUnsubscribeToken(token: string, key: string): Unsubscription | null {
  const [said = '', mac = ''] = token.split('.');
  if (token.length > 2000 || !equalSecrets(mac, macOf(said, key))) return null;
  const [app, address] = JSON.parse(Buffer.from(said, 'base64url').toString()) as [string, string];
  return { app, address };
}

const macOf = (said: string, key: string): string =>
  createHmac('sha256', key).update(`crashmon unsubscribe v1 ${said}`).digest('base64url');
