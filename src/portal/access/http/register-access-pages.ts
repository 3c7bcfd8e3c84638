import type { PortalServer } from '../../http/portal-server.ts';
import type { PortalParts } from '../../portal-parts.ts';
import type { AccessStore } from '../../store/access/access-store.ts';
import type { AppStore } from '../../store/read/app-store.ts';
import { PasswordWork } from '../domain/passwords/password-work.ts';
import { registerAccount } from './register-account.ts';
import { registerAdmin } from './register-admin.ts';
import { registerApiTokens } from './register-api-tokens.ts';
import { registerAppSettings } from './register-app-settings.ts';
import { registerSetup } from './register-setup.ts';
import { registerSignIn } from './register-sign-in.ts';

/** Pages by which people get in, and by which they let others in. Needs `registerAccess` in the scope. */
export function registerAccessPages(server: PortalServer, parts: PortalParts<AccessStore & AppStore>): void {
  const work = new PasswordWork();
  registerSignIn(server, parts, work);
  registerSetup(server, parts, work);
  registerAccount(server, parts, work);
  registerAppSettings(server, parts);
  registerApiTokens(server, parts);
  registerAdmin(server, parts);
}
