import type { FastifyReply } from 'fastify';

/** Pages show what is so now, to one account. */
export function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(page);
}
