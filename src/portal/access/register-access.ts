import type { PortalParts, PortalServer } from '../portal-parts.ts';

export async function registerAccess(_server: PortalServer, _parts: PortalParts): Promise<void> {}
