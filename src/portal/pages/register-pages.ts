import type { FastifyInstance } from 'fastify';
import type { PortalParts } from '../portal-parts.ts';

/** Routes of all pages that people look at, and of what these load. */
export function registerPages(_server: FastifyInstance, _parts: PortalParts): void {}
