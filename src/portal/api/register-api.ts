import type { FastifyInstance } from 'fastify';
import type { PortalParts } from '../portal-parts.ts';

/** Routes of the JSON API under `/api/v1`, and its OpenAPI document. */
export function registerApi(_server: FastifyInstance, _parts: PortalParts): void {}
