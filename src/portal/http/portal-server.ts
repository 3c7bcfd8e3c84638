import type { FastifyInstance } from 'fastify';

/** The HTTP server, or a scope of it, that the parts add their routes to. */
export type PortalServer = FastifyInstance;
