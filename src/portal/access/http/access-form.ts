import { z } from 'zod';
import type { Grant } from '../../store/access/access-store.ts';
import { requireAppName } from '../domain/app-name.ts';

export const accessForm = z.object({
  access: z.enum(['viewer', 'admin', 'viewer-everywhere', 'owner']),
  app: z.string().max(200).default(''),
});

/**
 * null: the app is missing.
 * @throws CrashmonError BAD_REQUEST for an invalid app name
 */
export function grantOf({ access, app }: z.output<typeof accessForm>): Grant | null {
  if (access === 'owner') return { app: '*', role: 'admin' };
  if (access === 'viewer-everywhere') return { app: '*', role: 'viewer' };
  const name = app.trim();
  if (name === '') return null;
  requireAppName(name);
  return { app: name, role: access };
}

export const NAME_THE_APP = 'Enter an app, or choose access to all apps.';
