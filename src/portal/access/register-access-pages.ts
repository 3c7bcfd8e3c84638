import type { PortalParts, PortalServer } from '../portal-parts.ts';
import { registerAccount } from './account/register-account.ts';
import { registerAdmin } from './admin/register-admin.ts';
import { registerAppSettings } from './app-settings/register-app-settings.ts';
import { PasswordWork } from './passwords/password-work.ts';
import { registerSetup } from './setup/register-setup.ts';
import { registerSignIn } from './sign-in/register-sign-in.ts';

/** Pages by which people get in, and by which they let others in. Needs `registerAccess` in the scope. */
export function registerAccessPages(server: PortalServer, parts: PortalParts): void {
  const work = new PasswordWork();
  registerSignIn(server, parts, work);
  registerSetup(server, parts, work);
  registerAccount(server, parts, work);
  registerAppSettings(server, parts);
  registerAdmin(server, parts);
}
