import type { PortalParts, PortalServer } from '../portal-parts.ts';

/** `POST /v1/logs`: records of agents, and crashes of any other OpenTelemetry sender. */
export async function registerIngest(_server: PortalServer, _parts: PortalParts): Promise<void> {}
